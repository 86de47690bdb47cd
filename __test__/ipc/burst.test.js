'use strict';

// Many messages sent in one turn of the event loop: most of them are held back to leave together.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const { join } = require('node:path');
const { test } = require('node:test');
const { spawnSync } = require('node:child_process');
const { codecs } = require('../../lib/ipc/codecs.js');
const { ours } = require('../support/trace.js');

const CHILD = join(__dirname, 'fixtures', 'count.js');
const INDEX = join(__dirname, '..', '..', 'index.js');
const COUNT = 500;

for (const serialization of ['json', 'advanced']) {
  test(`${serialization}: they leave while JavaScript goes on in the same turn`, async (t) => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), 'rs-child-process-'));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const mark = join(folder, 'all are here');
    const child = ours.fork(CHILD, [String(COUNT), mark], { serialization });
    await once(child, 'message');
    for (let i = 0; i < COUNT; i++) child.send(i);
    const end = performance.now() + 20_000;
    while (!fs.existsSync(mark) && performance.now() < end);
    assert.ok(fs.existsSync(mark), 'the child has not had them all');
    child.disconnect();
    await once(child, 'close');
  });

  test(`${serialization}: they leave before the process does`, () => {
    // Not a Node child: that of Node 26 forgets messages that it has not emitted when the channel is closed.
    const script = `
      const send = (count) => { for (let i = 0; i < count; i++) child.send('message'); };
      process.on('exit', () => send(50));
      const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
      const child = require(${JSON.stringify(INDEX)}).spawn('wc -c <&3', { shell: true, stdio, serialization: '${serialization}' });
      process.on('exit', () => send(50));
      send(100);
      process.exit();`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(stderr, '');
    const frame = codecs[serialization].encode('message');
    const size = typeof frame === 'number' ? frame : frame.length + '\n'.length;
    assert.equal(Number(stdout), 200 * size);
  });

  test(`${serialization}: whatever they are made of, they come in order`, async (t) => {
    const child = ours.fork(join(__dirname, 'fixtures', 'child.js'), { serialization });
    t.after(() => child.kill());
    const makes = [(i) => i, (i) => ({ i }), (i) => ({ i, text: 'é'.repeat(i * 50) }), (i) => [i, 'Ā', '^'], (i) => ({ i, text: 'x'.repeat(i * 100) })];
    const values = Array.from({ length: COUNT }, (_, i) => makes[i % makes.length](i));
    const got = [];
    child.on('message', ({ value }) => got.push(value));
    for (const value of values) child.send({ do: 'echo', value });
    while (got.length < COUNT) await once(child, 'message');
    assert.deepEqual(got, values);
    child.disconnect();
    await once(child, 'close');
  });

  test(`${serialization}: each callback once, in order, before the answer, and a handle in its place`, async (t) => {
    const child = ours.fork(CHILD, ['echo'], { serialization });
    t.after(() => child.kill());
    await once(child, 'message');
    const server = net.createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const told = [];
    const got = [];
    child.on('message', (message) => got.push(message));
    const count = 2 * COUNT + 1;
    for (let i = 0; i < count; i++) {
      child.send(i, i === COUNT ? server : undefined, (error) => told.push(error ?? i));
    }
    while (got.length < count) await once(child, 'message');
    const numbers = Array.from({ length: count }, (_, i) => i);
    assert.deepEqual(told, numbers);
    assert.deepEqual(got, numbers.map((i) => (i === COUNT ? [i, 'Server'] : i)));
    child.disconnect();
    await once(child, 'close');
  });
}
