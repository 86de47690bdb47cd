'use strict';

const assert = require('node:assert/strict');
const net = require('node:net');
const { test } = require('node:test');
const { getValidStdio, stdioStringToArray, toDescriptors } = require('../../lib/stdio/plan.js');

/** What the engine is told about a stdio option. */
const descriptors = (stdio) => toDescriptors(getValidStdio(stdio, false).stdio, 'spawn');

test('every kind of entry, as the engine takes it', () => {
  assert.deepEqual(descriptors('pipe'), [-2, -2, -2]);
  assert.deepEqual(descriptors('overlapped'), [-2, -2, -2]);
  assert.deepEqual(descriptors('ignore'), [-1, -1, -1]);
  assert.deepEqual(descriptors('inherit'), [0, 1, 2]);
  assert.deepEqual(descriptors([]), [-2, -2, -2]);
  assert.deepEqual(descriptors([null, 'ignore', 'inherit', undefined, 'pipe', 7, { fd: 8 }, -1]), [-2, -1, 2, -1, -2, 7, 8, -2]);
});

test('a channel, once', () => {
  const plan = getValidStdio(['ignore', 'ignore', 'ignore', 'ipc'], false);
  assert.deepEqual([plan.ipcFd, plan.ipc === plan.stdio[3], toDescriptors(plan.stdio, 'spawn')], [3, true, [-1, -1, -1, -3]]);
  assert.throws(() => getValidStdio(['ipc', 'ipc'], false), { code: 'ERR_IPC_ONE_PIPE' });
  assert.throws(() => getValidStdio(['ipc'], true), { code: 'ERR_IPC_SYNC_FORK' });
  assert.deepEqual(stdioStringToArray('inherit', 'ipc'), [0, 1, 2, 'ipc']);
});

test('a socket is taken by the descriptor below it', async () => {
  const server = net.createServer().listen(0);
  const socket = net.connect(server.address().port);
  await new Promise((resolve) => socket.on('connect', resolve));
  assert.deepEqual(descriptors([socket]), [socket._handle.fd, -2, -2]);
  assert.equal(getValidStdio([socket], false).stdio[0].type, 'wrap');
  socket.destroy();
  server.close();
  assert.throws(() => descriptors([new net.Socket()]), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('a descriptor that is none', () => {
  assert.throws(() => descriptors([{ fd: -1 }]), { code: 'EINVAL', syscall: 'spawn' });
});

test('words that happen to be properties of every object', () => {
  for (const word of ['toString', '__proto__', 'constructor']) {
    assert.throws(() => descriptors(word), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.throws(() => descriptors([word]), { code: 'ERR_INVALID_SYNC_FORK_INPUT' });
  }
});
