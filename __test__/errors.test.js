'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { inspect } = require('node:util');
const { AbortError, codes, errnoException, startException } = require('../lib/errors.js');

test('an error of a code looks like one of Node\'s', () => {
  const error = new codes.ERR_INVALID_ARG_TYPE('options.cwd', ['string', 'Buffer', 'URL'], 5);
  const nodes = (() => {
    try {
      return require('node:path').join(5);
    } catch (thrown) {
      return thrown;
    }
  })();
  assert.equal(error.message, 'The "options.cwd" property must be of type string or an instance of Buffer or URL. Received type number (5)');
  for (const shown of [error, nodes]) {
    assert.deepEqual(Object.keys(shown), ['code']);
    assert.equal(shown.name, 'TypeError');
    assert.equal(shown.constructor, TypeError);
    assert.ok(shown instanceof TypeError);
    assert.match(String(shown), /^TypeError \[ERR_INVALID_ARG_TYPE\]: The "/);
    assert.match(shown.stack, /^TypeError \[ERR_INVALID_ARG_TYPE\]: The "/);
    assert.match(inspect(shown), /^TypeError \[ERR_INVALID_ARG_TYPE\]: The "[^]*code: 'ERR_INVALID_ARG_TYPE'/);
  }
});

test('texts without arguments, with some, and with lists', () => {
  const texts = [
    [new codes.ERR_IPC_CHANNEL_CLOSED(), 'Channel closed'],
    [new codes.ERR_IPC_DISCONNECTED(), 'IPC channel is already disconnected'],
    [new codes.ERR_INVALID_HANDLE_TYPE(), 'This handle type cannot be sent'],
    [new codes.ERR_MISSING_ARGS('message'), 'The "message" argument must be specified'],
    [new codes.ERR_MISSING_ARGS('a', 'b', 'c'), 'The "a", "b", and "c" arguments must be specified'],
    [new codes.ERR_UNKNOWN_SIGNAL('FOO'), 'Unknown signal: FOO'],
    [new codes.ERR_UNKNOWN_SIGNAL({}), 'Unknown signal: {}'],
    [new codes.ERR_OUT_OF_RANGE('timeout', 'an integer', -(2 ** 40)),
      'The value of "timeout" is out of range. It must be an integer. Received -1_099_511_627_776'],
    [new codes.ERR_INVALID_ARG_VALUE('stdio', 'x'.repeat(200)),
      `The argument 'stdio' is invalid. Received '${'x'.repeat(127)}...`],
  ];
  for (const [error, text] of texts) assert.equal(error.message, text);
});

test('the text does not depend on Object.prototype', () => {
  Object.defineProperty(Object.prototype, 'get', { configurable: true, value: () => 'polluted' });
  try {
    assert.equal(String(new codes.ERR_IPC_ONE_PIPE()), 'Error [ERR_IPC_ONE_PIPE]: Child process can have only one IPC pipe');
    assert.equal(codes.toString, undefined);
  } finally {
    delete Object.prototype.get;
  }
});

test('an error of a system call', () => {
  const { code, errno, message, syscall } = errnoException(-2, 'spawn x');
  assert.deepEqual({ code, errno, message, syscall },
    { code: 'ENOENT', errno: -2, message: 'spawn x ENOENT', syscall: 'spawn x' });
});

test('an error of a start says what failed, where it was one', () => {
  const failed = startException(-2, 'spawn x', 'x', ['x', 'a'], 'chdir');
  assert.deepEqual({ ...failed }, { errno: -2, code: 'ENOENT', syscall: 'spawn x', path: 'x', spawnargs: ['a'], step: 'chdir' });
  assert.equal('step' in startException(-110, 'spawnSync x', 'x', ['x'], ''), false);
});

test('an abort', () => {
  const cause = new Error('why');
  const { code, message, name, cause: found } = new AbortError(undefined, { cause });
  assert.deepEqual({ code, message, name, found },
    { code: 'ABORT_ERR', message: 'The operation was aborted', name: 'AbortError', found: cause });
});
