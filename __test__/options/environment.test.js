'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { test } = require('node:test');
const { SHARE_ENV, Worker } = require('node:worker_threads');
const { environmentPairs, inheritedPairs } = require('../../lib/options/environment.js');

test('without options.env the engine hands on the real environment', () => {
  assert.equal(environmentPairs(undefined, []), undefined);
  assert.equal(environmentPairs(null, []), undefined);
  assert.ok(inheritedPairs().includes(`PATH=${process.env.PATH}`));
});

test('a process.env that is only an object is read', () => {
  const { env } = process;
  process.env = { ONLY: 'this' };
  try {
    assert.deepEqual(environmentPairs(undefined, []), ['ONLY=this']);
    assert.deepEqual(Object.keys(process.env), ['ONLY']);
  } finally {
    process.env = env;
  }
  assert.equal(environmentPairs(undefined, []), undefined);
});

test('where coverage is collected goes to every child, and the caller\'s object stays as it is', () => {
  const before = process.env.NODE_V8_COVERAGE;
  process.env.NODE_V8_COVERAGE = '/coverage';
  try {
    const env = { A: '1' };
    assert.deepEqual(environmentPairs(env, []), ['NODE_V8_COVERAGE=/coverage', 'A=1']);
    assert.deepEqual(env, { A: '1' });
    assert.deepEqual(environmentPairs({ NODE_V8_COVERAGE: '' }, []), ['NODE_V8_COVERAGE=']);
    assert.equal(environmentPairs(undefined, []), undefined);
  } finally {
    if (before === undefined) delete process.env.NODE_V8_COVERAGE;
    else process.env.NODE_V8_COVERAGE = before;
  }
});

test('once there are workers, which may write it meanwhile, the environment is read in JavaScript', async () => {
  const worker = new Worker('', { eval: true, env: SHARE_ENV });
  assert.ok(environmentPairs(undefined, []).includes(`PATH=${process.env.PATH}`));
  await once(worker, 'exit');
});
