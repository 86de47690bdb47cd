'use strict';

const assert = require('node:assert/strict');
const dgram = require('node:dgram');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const { join } = require('node:path');
const { test } = require('node:test');
const { handleOfDgram } = require('../../lib/handle-classes.js');
const { builtin, ours, outcomeOf, parity } = require('../support/trace.js');

const CHILD = join(__dirname, 'fixtures', 'child.js');
const MODES = ['json', 'advanced'];
const LOCAL = '127.0.0.1';

/** @param {net.Server} server */
const listening = async (server) => {
  server.listen(0, LOCAL);
  await once(server, 'listening');
  return server;
};

/** Both ends of a TCP connection, the accepted one with its server. */
async function connection(options) {
  const server = await listening(net.createServer(options));
  const client = net.connect(server.address().port, LOCAL);
  const [accepted] = await once(server, 'connection');
  return { accepted, client, server };
}

/** The numbers of this process's sockets. */
function sockets() {
  const names = fs.readdirSync('/proc/self/fd').map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return names.filter((name) => name.startsWith('socket:')).length;
}

/** Waits until a condition holds; fails the test if it does not within two seconds. */
async function until(condition) {
  for (let i = 0; !condition(); i++) {
    assert.ok(i < 200, 'it did not come true in time');
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}

/** Ends a child that has nothing left to do, or keeps what it shared. */
async function end(child) {
  if (child.connected) child.disconnect();
  child.kill();
  await new Promise((resolve) => { child.on('exit', resolve); });
}

for (const mode of MODES) {
  for (const type of ['net.Server', 'net.Native', 'net.Socket', 'dgram.Socket']) {
    parity(`${mode}: a child sends a ${type}`, async (cp) => {
      const child = cp.fork(CHILD, { serialization: mode });
      child.send({ do: 'make', type });
      const [message, handle] = await once(child, 'message');
      const port = handle instanceof net.Socket ? handle.localPort : handle.address?.().port ?? message.port;
      const seen = { class: handle.constructor.name, type: message.type, same: port === message.port };
      if (handle.destroy) handle.destroy();
      else handle.close();
      await end(child);
      return seen;
    });
  }

  test(`${mode}: a socket is the child's, and closed here once it has it`, async () => {
    const child = ours.fork(CHILD, { serialization: mode });
    const { accepted, client, server } = await connection();
    const sent = new Promise((resolve) => { child.send('take it', accepted, resolve); });
    assert.equal(accepted._handle, null, 'it is sent at once');
    assert.equal(await sent, null);
    let text = '';
    client.setEncoding('utf8').on('data', (data) => { text += data; });
    await once(client, 'end');
    assert.equal(text, 'from the child');
    client.destroy();
    server.close();
    await end(child);
  });

  test(`${mode}: servers, datagram sockets and raw handles`, async () => {
    const child = ours.fork(CHILD, { serialization: mode });
    const server = await listening(net.createServer());
    const udp = dgram.createSocket('udp4').bind(0, LOCAL);
    await once(udp, 'listening');
    const { port } = server.address();
    const cases = [
      [server, { got: 'Server', port, message: {} }],
      [server._handle, { got: 'TCP', message: {} }],
      [udp, { got: 'Socket', port: udp.address().port, message: {} }],
      [handleOfDgram(udp), { got: 'UDP', message: {} }],
    ];
    for (const [handle, expected] of cases) {
      child.send({}, handle);
      const [report] = await once(child, 'message');
      assert.deepEqual({ ...report, port: report.port }, { port: undefined, ...expected });
    }
    server.close();
    udp.close();
    await end(child);
  });
}

test('messages behind a handle wait for it and keep their order', async () => {
  const child = ours.fork(CHILD);
  const server = await listening(net.createServer());
  const returned = [
    child.send('before'), child.send('one', server), child.send('between'), child.send('two', server), child.send('after'),
  ];
  // The first that has to wait may be followed; the others are told to hold back, as under Node.
  assert.deepEqual(returned, [true, true, true, false, false]);
  const got = [];
  for (let i = 0; i < 5; i++) {
    const [{ message, plain }] = await once(child, 'message');
    got.push(message ?? plain);
  }
  assert.deepEqual(got, ['before', 'one', 'between', 'two', 'after']);
  server.close();
  await end(child);
});

test('disconnect() waits for what is queued behind a handle', async () => {
  const child = ours.fork(CHILD);
  const { accepted, client, server } = await connection();
  child.send('socket', accepted);
  const sent = new Promise((resolve) => { child.send('behind it', resolve); });
  child.disconnect();
  assert.equal(child.connected, false);
  assert.notEqual(child.channel, null, 'not yet');
  assert.equal(await sent, null);
  client.destroy();
  server.close();
  await end(child);
  assert.equal(child.channel, null);
});

test('a socket that was sent already goes as a message alone', async () => {
  const child = ours.fork(CHILD);
  const { accepted, client, server } = await connection();
  client.on('error', () => {});
  child.send('first', accepted);
  child.send('second', accepted);
  assert.equal((await once(child, 'message'))[0].message, 'first');
  assert.deepEqual((await once(child, 'message'))[0], { plain: 'second' });
  client.destroy();
  server.close();
  await end(child);
});

test('keepOpen: the socket goes on here', async () => {
  const child = ours.fork(CHILD);
  const { accepted, client, server } = await connection();
  child.send({ keep: true }, accepted, { keepOpen: true });
  await once(child, 'message');
  assert.notEqual(accepted._handle, null);
  assert.equal((await new Promise((resolve) => { server.getConnections((_, count) => resolve(count)); })), 2);
  accepted.destroy();
  client.destroy();
  await end(child);
  server.close();
});

test('track: false leaves the socket out of the count', async () => {
  const child = ours.fork(CHILD);
  const { accepted, client, server } = await connection();
  child.send({ keep: true }, accepted, { track: false });
  await once(child, 'message');
  assert.equal(server._workers?.length ?? 0, 0);
  client.destroy();
  server.close();
  await once(server, 'close');
  await end(child);
});

test("getConnections() and close() ask the child for the server's sockets", async () => {
  const child = ours.fork(CHILD);
  const { accepted, client, server } = await connection({ pauseOnConnect: true });
  child.send({ do: 'block', ms: 100 });
  child.send({}, accepted);
  const count = await new Promise((resolve, reject) => {
    server.getConnections((error, number) => (error ? reject(error) : resolve(number)));
  });
  assert.equal(count, 1);
  let closed = false;
  server.close(() => { closed = true; });
  client.resume();
  client.end();
  await once(client, 'close');
  await until(() => closed);
  await end(child);
});

test('a question that the child does not live to answer', async () => {
  const child = ours.fork(CHILD);
  const { accepted, client, server } = await connection();
  client.on('error', () => {});
  child.send({}, accepted);
  await once(child, 'message');
  child.kill('SIGSTOP');
  const outcome = new Promise((resolve) => { server.getConnections(resolve); });
  child.kill('SIGKILL');
  assert.equal((await outcome).code, 'ERR_CHILD_CLOSED_BEFORE_REPLY');
  client.destroy();
  server.close();
});

test('an HTTP connection gives its parser back', async () => {
  const child = ours.fork(CHILD);
  const server = http.createServer((request) => {
    const { socket } = request;
    child.send('http', socket);
    assert.equal(socket.parser, null);
  });
  server.listen(0, LOCAL);
  await once(server, 'listening');
  const client = net.connect(server.address().port, LOCAL);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  client.setEncoding('utf8');
  assert.deepEqual(await once(client, 'data'), ['from the child']);
  client.destroy();
  // http.Server's own close() stumbles over a connection without a parser, also under the built-in.
  net.Server.prototype.close.call(server);
  await end(child);
});

test('a socket whose receiver died is closed, and so is one that waited behind it', async () => {
  const child = ours.fork(CHILD);
  const [one, two] = [await connection(), await connection()];
  child.kill('SIGSTOP');
  child.send('on its way', one.accepted);
  child.send('waiting', two.accepted);
  for (const { client } of [one, two]) client.on('error', () => {}).resume();
  child.kill('SIGKILL');
  await Promise.all([one, two].map(({ client }) => once(client, 'close')));
  for (const { server } of [one, two]) server.close();
});

test('whoever asked about a message that waited is told', async () => {
  const child = ours.fork(CHILD);
  const server = await listening(net.createServer());
  child.kill('SIGSTOP');
  child.send('on its way', server);
  const { accepted, client, server: other } = await connection();
  const outcome = new Promise((resolve) => { child.send('waiting', accepted, resolve); });
  child.kill('SIGKILL');
  assert.equal((await outcome).code, 'ERR_IPC_CHANNEL_CLOSED');
  assert.notEqual(accepted._handle, null, "it is the sender's still");
  for (const socket of [accepted, client]) socket.destroy();
  for (const listener of [server, other]) listener.close();
});

parity('what is not a handle', (cp) => {
  const child = cp.fork(CHILD);
  const outcomes = [{}, { fd: 1 }, 'text', 1, process.stdin, new (require('node:events'))()]
    .filter((value) => !(value instanceof net.Socket))
    .map((value) => outcomeOf(() => child.send('m', value)).thrown);
  child.kill();
  return outcomes;
});

test('a handle that is closed', async () => {
  const child = ours.fork(CHILD);
  const server = await listening(net.createServer());
  const handle = server._handle;
  server.close();
  await once(server, 'close');
  const error = await new Promise((resolve) => { child.send('m', handle, resolve); });
  assert.equal(error.code, 'EBADF');
  await end(child);
});

test('1,000 handles leave no descriptor behind', { timeout: 60_000 }, async () => {
  const child = ours.fork(CHILD);
  const server = await listening(net.createServer());
  child.send({}, server);
  await once(child, 'message');
  const before = sockets();
  for (let i = 0; i < 1000; i++) {
    child.send({}, server);
    await once(child, 'message');
  }
  assert.equal(sockets(), before);
  server.close();
  await end(child);
});

test('net.BoundSocket', { skip: net._TransferredBoundSocket ? false : 'this Node cannot send one' }, async () => {
  for (const { fork } of [ours, builtin]) {
    const child = fork(CHILD);
    const bound = new net.BoundSocket({ host: LOCAL });
    const { port } = bound.address();
    child.send({}, bound);
    assert.throws(() => bound.address(), { code: 'ERR_SOCKET_HANDLE_ADOPTED' });
    assert.deepEqual((await once(child, 'message'))[0], { got: 'BoundSocket', port, message: {} });
    const pipe = new net.BoundSocket({ path: `\0rs-child-process-${process.pid}` });
    assert.throws(() => child.send({}, pipe), { code: 'ERR_INVALID_HANDLE_TYPE' });
    pipe.close();
    await end(child);
  }
});
