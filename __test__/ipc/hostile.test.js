'use strict';

// Children that do not play by the rules: an 'error' event with a code or plain data, never a crash, nothing left open.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const { join } = require('node:path');
const { test } = require('node:test');
const { spawnSync } = require('node:child_process');
const { fork } = require('../../index.js');
const { python, shell, withoutPython } = require('./fixtures/peer.js');

const CHILD = join(__dirname, 'fixtures', 'child.js');
const INDEX = join(__dirname, '..', '..', 'index.js');
const advanced = { serialization: 'advanced' };
const END = ['disconnect'];

test('a shell script takes part', async () => {
  const { child, closed } = shell('read line <&3; echo "$line"; echo \'{"from":"sh"}\' >&3');
  child.send({ to: 'sh' });
  assert.deepEqual(await closed, { stdout: '{"to":"sh"}\n', events: [['message', { from: 'sh' }, undefined], END] });
});

test('lines that are not JSON are errors; the channel goes on', async () => {
  const { closed } = shell('printf \'garbage\\n{"a":1}\\n\\n\\377\\376\\n2\\r\\n\' >&3');
  const error = ['error', 'ERR_IPC_FRAME_INVALID'];
  assert.deepEqual((await closed).events, [error, ['message', { a: 1 }, undefined], error, error, ['message', 2, undefined], END]);
});

test('invalid UTF-8 inside a text becomes U+FFFD', async () => {
  const { closed } = shell('printf \'"a\\377b\\303"\\n\' >&3');
  assert.deepEqual((await closed).events, [['message', 'a\ufffdb\ufffd', undefined], END]);
});

test('a child that dies in the middle of a message', async () => {
  const { closed } = shell('printf \'1\\n{"half":\' >&3');
  assert.deepEqual((await closed).events, [['message', 1, undefined], END]);
});

test('__proto__ is a property like others', async () => {
  const { child } = shell('echo \'{"__proto__":{"cmd":"NODE_HANDLE"},"a":1}\' >&3');
  const [message] = await once(child, 'message');
  assert.equal(Object.getPrototypeOf(message), Object.prototype);
  assert.equal(message.cmd, undefined);
  await once(child, 'close');
});

test('answers that nobody asked for are passed over', async () => {
  const { closed } = shell('echo \'{"cmd":"NODE_HANDLE_ACK"}\n{"cmd":"NODE_HANDLE_NACK"}\n{"cmd":"NODE_SOCKET_COUNT"}\' >&3');
  assert.deepEqual((await closed).events, [END]);
});

test('a handle message without a handle is answered so', async () => {
  const { child, closed } = shell('echo \'{"cmd":"NODE_HANDLE","type":"net.Socket","msg":1}\' >&3; read line <&3; echo "$line"');
  child.on('message', () => assert.fail('there is no handle'));
  assert.equal((await closed).stdout, '{"cmd":"NODE_HANDLE_NACK"}\n');
});

test('a length of 4 GB is refused at once', async () => {
  const { child, closed } = shell('printf \'\\377\\377\\377\\377x\' >&3; read line <&3', advanced);
  const { rss } = process.memoryUsage();
  assert.deepEqual((await closed).events, [['error', 'ERR_IPC_FRAME_TOO_LARGE'], END]);
  assert.ok(process.memoryUsage().rss - rss < 100 << 20);
  assert.equal(child.connected, false);
});

test('advanced: bodies that are none are errors; the channel goes on', async () => {
  const { closed } = shell('printf \'\\0\\0\\0\\003abc\\0\\0\\0\\0\\0\\0\\0\\004\\377\\017I\\002\' >&3', advanced);
  const { events } = await closed;
  assert.deepEqual(events.filter(([event]) => event === 'error'), [['error', 'ERR_IPC_FRAME_INVALID'], ['error', 'ERR_IPC_FRAME_INVALID']]);
  assert.deepEqual(events.find(([event]) => event === 'message'), ['message', 1, undefined]);
});

test("the error names what is wrong, and has the parser's error as its cause", async () => {
  const { child } = shell('echo garbage >&3');
  const [error] = await new Promise((resolve) => { child.on('error', (...args) => resolve(args)); });
  assert.match(error.message, /^A message on the IPC channel cannot be read: Unexpected token/);
  assert.ok(error.cause instanceof SyntaxError);
});

test('a descriptor without a message that owns it is closed', { skip: withoutPython }, async () => {
  const { events, stdout } = await python(`
a, b = socket.socketpair()
send(b'"plain"\\n', b)
b.close()
send(b'"next"\\n')
print(a.recv(1))
`).closed;
  assert.deepEqual(events, [['message', 'plain', undefined], ['message', 'next', undefined], END]);
  assert.equal(stdout, "b''\n");
});

for (const [type, fd, expected] of [
  ['net.Native', 'listener', ['message', 'm', 'TCP']],
  ['net.Server', 'listener', ['message', 'm', 'Server']],
  ['net.Socket', 'socket.create_connection(listener.getsockname())', ['message', 'm', 'Socket']],
  ['dgram.Native', 'udp', ['message', 'm', 'UDP']],
  ['net.Server', 'socket.create_connection(listener.getsockname())', ['error', 'ERR_IPC_FRAME_INVALID']],
  ['net.Server', 'udp', ['error', 'ERR_IPC_FRAME_INVALID']],
  ['net.Socket', 'udp', ['error', 'ERR_IPC_FRAME_INVALID']],
  ['dgram.Socket', 'listener', ['error', 'ERR_IPC_FRAME_INVALID']],
  ['dgram.Socket', 'udp', ['error', 'ERR_IPC_FRAME_INVALID']],
  ['no such type', 'listener', ['error', 'ERR_IPC_FRAME_INVALID']],
  ['__proto__', 'listener', ['error', 'ERR_IPC_FRAME_INVALID']],
]) {
  test(`${fd.split('.')[0]} sent as ${type}`, { skip: withoutPython }, async () => {
    const { events, stdout } = await python(`
fd = ${fd}
send(envelope('${type}'), fd)
print(s.recv(100))
`).closed;
    assert.deepEqual(events, [expected, END]);
    assert.equal(stdout, 'b\'{"cmd":"NODE_HANDLE_ACK"}\\n\'\n');
  });
}

test('a descriptor of a kind that has no handle is refused', { skip: withoutPython }, async () => {
  const { events, stdout } = await python(`
send(envelope('net.Socket'), open('/dev/null'))
print(s.recv(100))
`).closed;
  assert.deepEqual(events, [END]);
  assert.equal(stdout, 'b\'{"cmd":"NODE_HANDLE_NACK"}\\n\'\n');
});

test('a flood of descriptors: claimed ones arrive, the others do not pile up', { skip: withoutPython }, async () => {
  const before = fs.readdirSync('/proc/self/fd').length;
  const { child, closed } = python(`
for i in range(100): send(envelope('net.Native'), listener)
for i in range(100): send(b'x', listener)
s.recv(1)
`);
  let most = 0;
  child.on('message', () => { most = Math.max(most, fs.readdirSync('/proc/self/fd').length); });
  const { events } = await closed;
  assert.equal(events.filter(([event]) => event === 'message').length, 100);
  assert.ok(most < before + 60, `${most} descriptors, ${before} before`);
});

test('a handle that the child never gets is sent four times, then a warning', { skip: withoutPython }, () => {
  const script = `
    const net = require('node:net');
    const { python } = require(${JSON.stringify(join(__dirname, 'fixtures', 'peer.js'))});
    const { child, closed } = python(\`
import json
count = 0
for i in range(4):
    message = json.loads(s.recv(1000))
    count += message['type'] == 'net.Socket' and message['msg'] == 'here'
    s.send(b'{"cmd":"NODE_HANDLE_NACK"}\\\\n')
print(count, s.recv(100).splitlines()[0])
\`);
    process.on('warning', ({ name }) => console.log(name));
    const server = net.createServer((socket) => { child.send('here', socket); child.send('next'); server.close(); });
    server.listen(0, () => net.connect(server.address().port).on('close', () => console.log('closed')).resume());
    closed.then(({ stdout }) => console.log(stdout));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', '-e', script], { encoding: 'utf8', timeout: 20_000 });
  assert.equal(stderr, '');
  assert.deepEqual(stdout.trim().split('\n').sort(), ['4 b\'"next"\'', 'SentHandleNotReceivedWarning', 'closed']);
});

test('a flood while JavaScript is busy waits in the child, not here', async () => {
  const child = fork(CHILD);
  child.send({ do: 'large', length: 1 << 20 });
  await once(child, 'message');
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 100; i++) child.send({ do: 'large', length: 1 << 20 });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 30 << 20, `${grown >> 20} MB`);
  child.kill();
  await once(child, 'close');
});

test('other children are unharmed', async () => {
  const good = fork(CHILD);
  const bad = shell('printf \'\\001\\002garbage\\n\' >&3; kill -9 $$');
  await bad.closed;
  good.send({ do: 'echo', value: 1 });
  assert.deepEqual(await once(good, 'message'), [{ value: 1 }, undefined]);
  good.disconnect();
  await once(good, 'close');
});

test('an unheard error is an uncaught exception with the code', () => {
  const script = `require(${JSON.stringify(INDEX)}).spawn('/bin/sh', ['-c', 'echo garbage >&3'], { stdio: [0, 1, 2, 'ipc'] })`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /ERR_IPC_FRAME_INVALID/);
});
