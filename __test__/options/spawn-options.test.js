'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { test } = require('node:test');
const { normalizeSpawnOptions } = require('../../lib/options/spawn-options.js');
const { warnsOfShellArguments } = require('../../lib/options/running-node.js');

const INDEX = join(__dirname, '..', '..', 'index.js');

/** What a script prints to stderr: warnings. */
function warnings(script) {
  return spawnSync(process.execPath, ['-e', `const cp = require(${JSON.stringify(INDEX)}); ${script}`], { encoding: 'utf8' }).stderr;
}

test('the caller\'s arguments and options are left alone, and nothing is inherited', () => {
  const args = ['a'];
  const options = Object.freeze({ cwd: '/', shell: false });
  Object.prototype.detached = true;
  try {
    const normalized = normalizeSpawnOptions('file', args, options);
    assert.deepEqual(args, ['a']);
    assert.equal(normalized.toString, undefined);
    assert.deepEqual({ ...normalized }, {
      cwd: '/', shell: false, args: ['file', 'a'], detached: false, envPairs: undefined, file: 'file',
      windowsHide: false, windowsVerbatimArguments: false });
  } finally {
    delete Object.prototype.detached;
  }
});

test('customFds becomes stdio, with a warning once', () => {
  const stderr = warnings('for (let i = 0; i < 2; i++) cp.spawn(\'sh\', [\'-c\', \'echo to a descriptor\'], { customFds: [-1, 2, 2] });');
  assert.equal(stderr.match(/\[DEP0006\] DeprecationWarning: child_process: options\.customFds option is deprecated/g).length, 1);
  assert.equal(stderr.match(/^to a descriptor$/mg).length, 2);
});

test('arguments together with a shell are warned about where Node does, once', () => {
  const stderr = warnings('for (let i = 0; i < 2; i++) cp.spawn(\'echo\', [\'a\'], { shell: true }); cp.exec(\'echo\');');
  assert.equal((stderr.match(/\[DEP0190\] DeprecationWarning: Passing args to a child process with shell option true/g) ?? []).length,
    warnsOfShellArguments ? 1 : 0);
});
