'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { test } = require('node:test');
const { copiesPermissionFlags, major } = require('../../lib/options/running-node.js');

const INDEX = join(__dirname, '..', '..', 'index.js');
const PERMISSION = major > 22 ? '--permission' : '--experimental-permission';

/**
 * Runs a script under the permission model with the module under test and with the built-in.
 * @param {string[]} flags
 * @param {string} script
 */
function both(flags, script) {
  return ['node:child_process', INDEX].map((module) => {
    const { stderr, stdout } = spawnSync(process.execPath,
      [PERMISSION, '--no-warnings', '--allow-addons', '--allow-fs-read=*', ...flags, '-e', `const cp = require(${JSON.stringify(module)}); ${script}`],
      { encoding: 'utf8', env: { ...process.env, RS_CHILD_PROCESS_BACKEND: 'native' } });
    assert.equal(stderr, '');
    return stdout;
  });
}

test('a process that may not start others', () => {
  const [builtin, ours] = both([], `
    const describe = (e) => JSON.stringify([String(e), e.code, e.permission, e.resource, e.stack.split('\\n')[0]]);
    for (const call of [() => cp.spawn('ls'), () => cp.exec('ls'), () => cp.spawnSync('ls'), () => cp.execFileSync('ls'),
      () => cp.fork('x'), () => new cp.ChildProcess().spawn({ file: 'ls' }), () => cp.spawn(5)]) {
      try { call(); console.log('allowed'); } catch (e) { console.log(describe(e)); }
    }
    console.log(new cp.ChildProcess().pid);`);
  assert.match(builtin, /ERR_ACCESS_DENIED/);
  assert.equal(ours, builtin);
});

test('a process that may', () => {
  const [builtin, ours] = both(['--allow-child-process'], 'console.log(cp.execFileSync(\'echo\', [\'out\']).toString())');
  assert.equal(builtin, 'out\n\n');
  assert.equal(ours, builtin);
});

test('the flags go into the child\'s NODE_OPTIONS', { skip: !copiesPermissionFlags && 'this Node version does not hand them on' }, () => {
  for (const options of [{}, { env: { A: '1', NODE_OPTIONS: '--no-deprecation' } }, { env: { NODE_OPTIONS: '--permission' } }]) {
    const [builtin, ours] = both(['--allow-child-process'],
      `const options = ${JSON.stringify(options)}; console.log(cp.spawnSync('/bin/sh', ['-c', 'echo $NODE_OPTIONS'], options).stdout.toString())`);
    assert.equal(ours, builtin);
  }
});
