'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { execFileSync, spawnSync } = require('../../index.js');

test('limits: the error is that of the limit, what was read is there', () => {
  const slow = spawnSync('sh', ['-c', 'echo early; exec sleep 30'], { timeout: 1000, encoding: 'utf8' });
  assert.deepEqual([slow.error.code, slow.signal, slow.status, slow.stdout, 'step' in slow.error], ['ETIMEDOUT', 'SIGTERM', null, 'early\n', false]);
  const loud = spawnSync('yes', { maxBuffer: 10, killSignal: 'SIGKILL' });
  assert.deepEqual([loud.error.code, loud.signal, loud.stdout.length > 10], ['ENOBUFS', 'SIGKILL', true]);
});

test('a child that a grandchild outlives', () => {
  const start = Date.now();
  assert.equal(spawnSync('sh', ['-c', 'sleep 8 & echo out'], { timeout: 1000 }).stdout.toString(), 'out\n');
  assert.ok(Date.now() - start < 7000);
});

test('input and output of many megabytes at once', () => {
  const input = Buffer.alloc(20_000_000, 'ab');
  assert.ok(execFileSync('cat', { input, maxBuffer: Infinity }).equals(input));
});

test('the caller\'s input and options are left alone', () => {
  const options = Object.freeze({ input: 'in', stdio: Object.freeze(['pipe', 'pipe', 'pipe']) });
  assert.equal(execFileSync('cat', options).toString(), 'in');
});
