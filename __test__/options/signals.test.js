'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { toSignalName, toSignalNumber, validateKillSignal } = require('../../lib/options/signals.js');

test('numbers of names in any case, and of numbers that have one', () => {
  assert.deepEqual(['SIGTERM', 'sigterm', 'SigIot', 9].map(toSignalNumber), [15, 15, 6, 9]);
  for (const signal of ['TERM', 'toString', 0, 64, -1, 1.5, NaN, '9', null, {}]) {
    assert.throws(() => toSignalNumber(signal), { code: 'ERR_UNKNOWN_SIGNAL' }, String(signal));
  }
});

test('the names that Node gives, and one for signals it has none for', () => {
  assert.deepEqual([1, 6, 29, 31, 34, 64].map(toSignalName), ['SIGHUP', 'SIGABRT', 'SIGIO', 'SIGSYS', 'SIGRTMIN+0', 'SIGRTMIN+30']);
});

test('killSignal may be missing, and only missing', () => {
  assert.deepEqual([undefined, null, 'SIGKILL', 2].map(validateKillSignal), [undefined, undefined, 9, 2]);
  assert.throws(() => validateKillSignal({}), { code: 'ERR_INVALID_ARG_TYPE' });
});
