'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { test } = require('node:test');
const { version } = require('../../package.json');

const bin = join(__dirname, '..', '..', 'bin', 'rs-child-process.js');
const run = (args, env) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });

test('the report names what is in use and ends well', () => {
  const { status, stdout, stderr } = run(['doctor'], { NO_COLOR: '1' });
  assert.equal(stderr, '');
  assert.match(stdout, /^ {2}backend +native: /m);
  assert.match(stdout, /^ {2}launch +\S/m);
  assert.match(stdout, /^ {2}wait +\S/m);
  assert.match(stdout, /^Everything works\.$/m);
  assert.ok(!stdout.includes('\u001b'), 'colour although it is not a terminal');
  assert.equal(status, 0);
});

test('--json carries facts and checks', () => {
  const { status, stdout } = run(['doctor', '--json']);
  const { ok, facts, checks, problems } = JSON.parse(stdout);
  assert.equal(ok, true);
  assert.deepEqual(problems, []);
  assert.equal(facts.package, `rs-child-process ${version}`);
  assert.equal(facts.backend, 'native');
  const names = ['spawn', 'exec', 'fork', 'ipc', 'advanced', 'handle', 'sync', 'missing'];
  assert.deepEqual(checks.map(({ name, ok: passed }) => [name, passed]), names.map((name) => [name, true]));
  assert.equal(status, 0);
});

test('the built-in as backend is no problem when it was asked for', () => {
  const { status, stdout } = run(['doctor', '--json'], { RS_CHILD_PROCESS_BACKEND: 'node' });
  const { ok, facts } = JSON.parse(stdout);
  assert.deepEqual([ok, facts.backend, facts.launch], [true, 'node', undefined]);
  assert.equal(status, 0);
});

test('a check that fails is named and makes the exit code 1', () => {
  // no child can be started where PATH is empty
  const { status, stdout } = run(['doctor', '--json'], { PATH: '/nonexistent' });
  const { ok, checks, problems } = JSON.parse(stdout);
  assert.equal(ok, false);
  assert.equal(checks.find(({ name }) => name === 'spawn').ok, false);
  assert.ok(problems.some((problem) => problem.startsWith('The spawn check failed: spawn cat ENOENT')), problems.join());
  assert.equal(status, 1);
});

for (const [args, stream, text, code] of [
  [['--version'], 'stdout', new RegExp(`^${version}\n$`), 0],
  [['--help'], 'stdout', /^Usage: rs-child-process doctor/, 0],
  [[], 'stderr', /^One command is expected\./, 2],
  [['surgeon'], 'stderr', /^There is no command 'surgeon'\./, 2],
  [['doctor', '--frobnicate'], 'stderr', /frobnicate[\s\S]*Usage:/, 2],
]) {
  test(`the command line '${args.join(' ')}'`, () => {
    const result = run(args);
    assert.match(result[stream], text);
    assert.equal(result.status, code);
  });
}
