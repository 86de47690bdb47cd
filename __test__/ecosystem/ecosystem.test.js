'use strict';

// npm run test:ecosystem: real packages do a real job while `child_process` is this package. Needs a registry; without
// one every test is skipped and says so.

const assert = require('node:assert/strict');
const { exec, execFile } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { after, before, describe, it } = require('node:test');
const { promisify } = require('node:util');
const projects = require('./projects');

const register = join(__dirname, '..', '..', 'register.js');
const witness = join(__dirname, 'witness.js');

describe('real packages under register', { timeout: 600_000 }, () => {
  let work;
  let registryError;

  before(async () => {
    work = mkdtempSync(join(tmpdir(), 'rs-child-process-ecosystem-'));
    await npm(['view', 'execa', 'version'], work).catch((error) => {
      registryError = (error.stderr || error.message).split('\n').find((line) => /error|code/i.test(line)) ?? error.message;
    });
  });

  after(() => rmSync(work, { recursive: true, force: true, maxRetries: 3 }));

  for (const [index, project] of projects.entries()) {
    it(project.name, async (t) => {
      if (registryError) return t.skip(`no package registry can be reached: ${registryError}`);
      const dir = join(work, String(index));
      write(dir, { 'package.json': '{ "name": "project", "private": true }', ...project.files });
      await npm(['install', '--no-audit', '--no-fund', ...project.packages], dir);

      const log = join(dir, 'witness.log');
      const env = { ...process.env, NODE_OPTIONS: `-r ${register} -r ${witness}`, WITNESS_LOG: log };
      delete env.NODE_TEST_CONTEXT;
      const { stdout, stderr } = await promisify(exec)(project.run, { cwd: dir, env, maxBuffer: Infinity });
      assert.match(stdout + stderr, project.prints);
      assertUsed(log);
    });
  }
});

/** A job that quietly went through the built-in would prove nothing. */
function assertUsed(log) {
  const lines = require('node:fs').readFileSync(log, 'utf8').trim().split('\n');
  assert.deepEqual([...new Set(lines)], ['native'], 'some process did not use the native backend');
}

function npm(args, cwd) {
  return promisify(execFile)('npm', args, { cwd, maxBuffer: Infinity });
}

function write(dir, files) {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
}
