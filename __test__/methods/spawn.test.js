'use strict';

const assert = require('node:assert/strict');
const { getEventListeners, once } = require('node:events');
const { test } = require('node:test');
const { ChildProcess, spawn, spawnSync } = require('../../index.js');

test('the step of a start that failed tells a missing cwd from a missing file', async () => {
  for (const [file, options, step] of [['does-not-exist', {}, 'exec'], ['true', { cwd: '/does/not/exist' }, 'chdir']]) {
    const [error] = await once(spawn(file, options), 'error');
    assert.deepEqual([error.code, error.step], ['ENOENT', step]);
    assert.equal(spawnSync(file, options).error.step, step);
  }
});

test('a spawn() that somebody put into the prototype sees the whole environment', async () => {
  const { spawn: original } = ChildProcess.prototype;
  let seen;
  ChildProcess.prototype.spawn = function(options) {
    seen = options.envPairs;
    options.envPairs.push('ADDED=yes');
    return Reflect.apply(original, this, [options]);
  };
  const child = spawn('sh', ['-c', 'echo $ADDED']);
  ChildProcess.prototype.spawn = original;
  child.stdout.setEncoding('utf8');
  assert.deepEqual(await once(child.stdout, 'data'), ['yes\n']);
  assert.ok(seen.some((pair) => pair.startsWith('PATH=')));
});

test('a kill() of the child\'s own is called at its deadline', async () => {
  const { kill } = ChildProcess.prototype;
  const calls = [];
  ChildProcess.prototype.kill = function(signal) {
    calls.push(signal);
    return Reflect.apply(kill, this, ['SIGKILL']);
  };
  try {
    assert.deepEqual(await once(spawn('sleep', ['30'], { timeout: 20 }), 'exit'), [null, 'SIGKILL']);
  } finally {
    ChildProcess.prototype.kill = kill;
  }
  assert.deepEqual(calls, [undefined]);
});

test('the listener for abort goes with the child', async () => {
  const { signal } = new AbortController();
  const child = spawn('true', { signal });
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  await once(child, 'exit');
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
