'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { cpSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, test } = require('node:test');

const ROOT = join(__dirname, '..');

// A copy of the package as it is where there is no binary.
const bare = mkdtempSync(join(tmpdir(), 'rs-child-process-'));
for (const path of ['index.js', 'register.js', 'package.json']) cpSync(join(ROOT, path), join(bare, path));
cpSync(join(ROOT, 'lib'), join(bare, 'lib'), { recursive: true, filter: (path) => !path.endsWith('.node') });
after(() => rmSync(bare, { recursive: true }));

/**
 * Loads a copy of the package and prints its backend.
 * @param {string} root
 * @param {{ backend?: string, setup?: string, flags?: string[] }} [options]
 */
function load(root, { backend = '', setup = '', flags = [] } = {}) {
  const script = `${setup}; const cp = require(${JSON.stringify(join(root, 'index.js'))}); console.log(cp.backend, cp.spawnSync('echo', ['out']).stdout.toString());`;
  const { status, stderr, stdout } = spawnSync(process.execPath, [...flags, '-e', script],
    { encoding: 'utf8', env: { ...process.env, RS_CHILD_PROCESS_BACKEND: backend } });
  return { status, stderr, stdout: stdout.trim() };
}

test('native where the binary is', () => {
  assert.deepEqual(load(ROOT), { status: 0, stderr: '', stdout: 'native out' });
  assert.deepEqual(load(ROOT, { backend: 'native' }), { status: 0, stderr: '', stdout: 'native out' });
});

test('forced to node, silently: that is what was asked for', () => {
  assert.deepEqual(load(ROOT, { backend: 'node' }), { status: 0, stderr: '', stdout: 'node out' });
});

test('without a binary: Node\'s own, with one warning', () => {
  const { status, stderr, stdout } = load(bare);
  assert.deepEqual([status, stdout], [0, 'node out']);
  assert.equal(stderr.match(/RS_CHILD_PROCESS_FALLBACK\] RsChildProcessWarning: rs-child-process uses node:child_process, since the native module/g).length, 1);
});

test('native forced without a binary: an error that says what to do', () => {
  const { status, stderr } = load(bare, { backend: 'native' });
  assert.equal(status, 1);
  for (const part of [process.platform, process.arch, process.versions.node, /glibc|musl/, /npm run build/, /ERR_RS_CHILD_PROCESS_BACKEND/]) {
    assert.ok(part instanceof RegExp ? part.test(stderr) : stderr.includes(part), `${part} is missing in ${stderr}`);
  }
});

test('a choice that there is not', () => {
  const { status, stderr } = load(ROOT, { backend: 'both' });
  assert.equal(status, 1);
  assert.match(stderr, /RS_CHILD_PROCESS_BACKEND is 'both'; it can be 'native' or 'node'/);
});

for (const [name, setup, reason] of [
  ['another platform', 'Object.defineProperty(process, \'platform\', { value: \'darwin\' })', 'on Linux only, this is darwin'],
  ['Bun', 'Object.defineProperty(process, \'versions\', { value: { ...process.versions, bun: \'1.2\' } })', 'not in Bun 1.2'],
  ['Deno', 'Object.defineProperty(process, \'versions\', { value: { ...process.versions, deno: \'2.1\' } })', 'not in Deno 2.1'],
  ['an old Node', 'Object.defineProperty(process, \'versions\', { value: { ...process.versions, node: \'18.20.0\' } })', 'Node.js 20 or newer, this is 18.20.0'],
]) {
  test(`${name}: Node's own, and why`, () => {
    const { stderr, stdout } = load(ROOT, { setup });
    assert.equal(stdout, 'node out');
    assert.ok(stderr.includes(reason), stderr);
  });
}

test('named imports', () => {
  const script = `import { _forkChild, ChildProcess, backend, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } from ${JSON.stringify(join(ROOT, 'index.js'))};
    console.log([_forkChild, ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync].every((value) => typeof value === 'function'), backend);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.equal(stdout.trim(), 'true native');
});
