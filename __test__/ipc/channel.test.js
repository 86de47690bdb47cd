'use strict';

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const { join } = require('node:path');
const { test } = require('node:test');
const { spawnSync } = require('node:child_process');
const { describeError, life, ours, outcomeOf, parity, traceOf } = require('../support/trace.js');

const CHILD = join(__dirname, 'fixtures', 'child.js');
const INDEX = join(__dirname, '..', '..', 'index.js');
const MODES = ['json', 'advanced'];
const start = (cp, serialization = 'json', options = {}) => cp.fork(CHILD, { serialization, ...options });

/** The next messages of a child. */
async function messages(child, count) {
  const got = [];
  await new Promise((resolve) => {
    child.on('message', function listen(message) {
      got.push(message);
      if (got.length < count) return;
      child.off('message', listen);
      resolve();
    });
  });
  return got;
}

for (const mode of MODES) {
  parity(`${mode}: the life of a conversation`, async (cp) => {
    const child = start(cp, mode);
    child.send({ do: 'echo', value: { a: [1, 'b', null] } });
    child.send({ do: 'echo', value: 'é😀\n' });
    child.send('text');
    child.send({ do: 'disconnect' });
    return life(child);
  });

  parity(`${mode}: a message sent right before exit arrives`, (cp) => {
    const child = start(cp, mode);
    child.send({ do: 'exitAfterSend', value: 'x'.repeat(50_000) });
    return life(child);
  });

  test(`${mode}: messages keep their order, in and out, small and large`, async () => {
    const child = start(ours, mode);
    const sent = [];
    for (let i = 0; i < 300; i++) {
      const value = i % 50 === 0 ? 'x'.repeat(300_000) : i;
      sent.push({ value });
      child.send({ do: 'echo', value });
    }
    assert.deepEqual(await messages(child, 300), sent);
    child.disconnect();
    await once(child, 'close');
  });

  test(`${mode}: a message of 64 MB each way`, async () => {
    const child = start(ours, mode);
    const length = 64 << 20;
    child.send({ do: 'echo', value: 'y'.repeat(length) });
    const [{ value }] = await messages(child, 1);
    assert.equal(value.length, length);
    child.disconnect();
    await once(child, 'close');
  });

  test(`${mode}: disconnect() lets what is queued leave`, async () => {
    const child = start(ours, mode);
    const [first] = [messages(child, 1), child.send('ready?')];
    await first;
    child.send({ do: 'block', ms: 200 });
    const outcomes = [];
    for (let i = 0; i < 5; i++) child.send('z'.repeat(1 << 20), (error) => outcomes.push(error));
    assert.equal(child.send('more'), false);
    child.on('message', () => assert.fail('reading has stopped'));
    child.disconnect();
    await once(child, 'close');
    assert.deepEqual(outcomes, [null, null, null, null, null]);
  });
}

test('a text outside ASCII and a lone surrogate', async () => {
  const child = start(ours);
  child.send({ do: 'echo', value: 'é\u2028\ud83d' });
  assert.deepEqual(await messages(child, 1), [{ value: 'é\u2028\ud83d' }]);
  child.disconnect();
  await once(child, 'close');
});

parity('forms of send()', async (cp) => {
  const child = start(cp);
  const outcomes = {};
  const callback = () => {};
  const calls = {
    none: [], undefined: [undefined], null: [null], function: [() => {}], symbol: [Symbol('a')], bigint: [1n],
    callbackSecond: ['a', callback], callbackThird: ['a', undefined, callback], callbackLast: ['a', undefined, {}, callback],
    options: ['a', undefined, 1], optionsArray: ['a', undefined, []], optionsNull: ['a', undefined, null],
    handle: ['a', {}], handleString: ['a', 'handle'], handleNumber: ['a', 1],
  };
  for (const [name, args] of Object.entries(calls)) {
    const { returned, thrown } = outcomeOf(() => child.send(...args));
    outcomes[name] = thrown ?? returned;
  }
  const circular = {};
  circular.circular = circular;
  outcomes.circular = outcomeOf(() => child.send(circular)).thrown?.class;
  child.disconnect();
  outcomes.disconnected = outcomeOf(() => child.send('b', (error) => { outcomes.closed = describeError(error); }));
  await once(child, 'exit');
  return outcomes;
});

parity('send() and disconnect() after disconnect()', async (cp) => {
  const child = start(cp);
  const trace = traceOf(child, ['disconnect', 'error']);
  child.disconnect();
  const returned = child.send('a');
  child.disconnect();
  // Not once(): it rejects at an 'error'.
  await new Promise((resolve) => { child.on('exit', resolve); });
  return { trace, returned, connected: child.connected, channel: child.channel };
});

test("'close' comes after disconnect() too, once, after 'disconnect' and 'exit'", async () => {
  const child = start(ours);
  const trace = traceOf(child, ['disconnect', 'exit', 'close']);
  child.disconnect();
  await once(child, 'close');
  assert.deepEqual(trace.map(([event]) => event), ['disconnect', 'exit', 'close']);
});

test('send() returns false from 131,072 queued bytes on, and calls back when they have left', async () => {
  const child = start(ours);
  const [first] = [messages(child, 1), child.send('ready?')];
  await first;
  child.send({ do: 'block', ms: 300 });
  const order = [];
  while (child.send('x'.repeat(10_000), () => order.push('small')));
  child.send('last', () => order.push('last'));
  order.push('sent');
  await new Promise((resolve) => child.send('very last', resolve));
  assert.equal(order[0], 'sent', 'no callback is called at once');
  assert.equal(order.at(-1), 'last');
  child.kill();
  await once(child, 'close');
});

test('callbacks of messages that never left get the error', async () => {
  const child = start(ours);
  const [first] = [messages(child, 1), child.send('ready?')];
  await first;
  child.on('error', () => {});
  child.kill('SIGSTOP');
  const outcomes = [];
  for (let i = 0; i < 3; i++) child.send('x'.repeat(8 << 20), (error) => outcomes.push(error?.code));
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.deepEqual(outcomes, ['EPIPE', 'EPIPE', 'EPIPE']);
});

parity('messages wait for a listener', async (cp) => {
  const child = start(cp);
  child.send({ do: 'burst', count: 3 });
  child.send({ do: 'internal' });
  const [internal] = await once(child, 'internalMessage');
  await new Promise((resolve) => { setImmediate(resolve); });
  const got = await messages(child, 3);
  child.disconnect();
  await once(child, 'exit');
  return { internal, got };
});

test('those behind a once() listener wait on', async () => {
  const child = start(ours);
  child.send({ do: 'burst', count: 2 });
  child.send({ do: 'internal' });
  await once(child, 'internalMessage');
  assert.deepEqual(await once(child, 'message'), [0, undefined]);
  assert.deepEqual(await once(child, 'message'), [1, undefined]);
  child.disconnect();
  await once(child, 'close');
});

parity('ticks and microtasks run between messages as under Node', async (cp) => {
  const child = start(cp);
  const order = [];
  child.on('message', (message) => {
    order.push(`message ${message}`);
    process.nextTick(() => order.push(`tick ${message}`));
  });
  child.send({ do: 'burst', count: 1 });
  await once(child, 'message');
  await new Promise((resolve) => { setImmediate(resolve); });
  child.disconnect();
  await once(child, 'exit');
  return order;
});

test('listeners and callbacks run in the context of the spawn, and of the send', async () => {
  const storage = new AsyncLocalStorage();
  const child = storage.run('spawn', () => start(ours));
  const seen = {};
  child.on('message', () => { seen.message = storage.getStore(); });
  child.on('disconnect', () => { seen.disconnect = storage.getStore(); });
  child.send({ do: 'block', ms: 50 });
  await new Promise((resolve) => {
    storage.run('send', () => child.send({ do: 'echo', value: 'x'.repeat(1 << 21) }, () => {
      seen.callback = storage.getStore();
      resolve();
    }));
  });
  await once(child, 'message');
  child.send({ do: 'disconnect' });
  await once(child, 'close');
  assert.deepEqual(seen, { message: 'spawn', disconnect: 'spawn', callback: 'send' });
});

test('what a listener throws is an uncaught exception, and the rest arrives', () => {
  const script = `
    const child = require(${JSON.stringify(INDEX)}).fork(${JSON.stringify(CHILD)});
    const seen = [];
    process.on('uncaughtException', (error) => seen.push(error.message));
    child.on('message', (message) => { seen.push(message); if (message === 1) throw new Error('mine'); });
    child.on('close', () => console.log(JSON.stringify(seen)));
    child.send({ do: 'burst', count: 4 });
    child.send({ do: 'disconnect' });`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [0, 1, 'mine', 2, 3]);
});

parity('channel: a control object, and null after disconnect()', async (cp) => {
  const child = start(cp);
  const { channel } = child;
  const before = [channel.constructor.name, typeof channel.fd, channel.fd > 2, typeof channel.refCounted];
  child.disconnect();
  const after = child.channel;
  await once(child, 'exit');
  return { before, after };
});

for (const [name, code, expected] of [
  ['a channel keeps the parent alive', 'child.unref(); setTimeout(() => child.send({ do: "disconnect" }), 50).unref();', 'disconnect'],
  ['unless it is unref()ed', 'child.unref(); child.channel.unref();', ''],
]) {
  test(name, () => {
    const script = `
      const child = require(${JSON.stringify(INDEX)}).fork(${JSON.stringify(CHILD)});
      child.on('disconnect', () => console.log('disconnect'));
      ${code}`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 10_000 });
    assert.equal(stdout.trim(), expected);
  });
}

test('the parent may exit right after send()', () => {
  const script = `
    const { fork } = require(${JSON.stringify(INDEX)});
    const child = fork('-e', ['process.on("message", (m) => { console.log(m); process.disconnect(); })'],
      { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('spawn', () => { child.send('in time'); process.exit(); });`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 10_000 });
  assert.equal(stdout.trim(), 'in time');
});
