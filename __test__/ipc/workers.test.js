'use strict';

// Environments that end with channels open.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const { join } = require('node:path');
const { spawnSync } = require('node:child_process');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');

const INDEX = JSON.stringify(join(__dirname, '..', '..', 'index.js'));
const BUSY = `
  const { parentPort } = require('node:worker_threads');
  const { spawn } = require(${INDEX});
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'];
  const talker = spawn('/bin/sh', ['-c', 'while echo 1 >&3; do :; done'], { stdio });
  const deaf = spawn('/bin/sh', ['-c', 'sleep 2'], { stdio });
  for (let i = 0; i < 10; i++) deaf.send('x'.repeat(100_000), () => {});
  let count = 0;
  talker.on('message', () => { if (++count === 3) parentPort.postMessage('busy'); });
  setInterval(() => talker.send('y', () => {}), 1);
`;

/** The sockets of this process. */
function sockets() {
  const links = fs.readdirSync('/proc/self/fd').map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.startsWith('socket:')).length;
}

test('workers terminated in the middle of messages leave no socket open', { timeout: 60_000 }, async () => {
  const before = sockets();
  for (let round = 0; round < 10; round++) {
    const workers = [new Worker(BUSY, { eval: true }), new Worker(BUSY, { eval: true })];
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  assert.equal(sockets(), before);
});

test('a worker that ends by itself waits for its channels', async () => {
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads');
    const child = require(${INDEX}).spawn('/bin/sh', ['-c', 'read line <&3; echo 1 >&3'], { stdio: [0, 1, 2, 'ipc'] });
    child.on('message', (message) => parentPort.postMessage(message));
    child.send('go');`, { eval: true });
  // Both at once: a worker that ends may emit them in one go.
  assert.deepEqual(await Promise.all([once(worker, 'message'), once(worker, 'exit')]), [[1], [0]]);
});

for (const [name, code] of [['process.exit()', 'process.exit(7)'], ['an exception', 'throw new Error("mine")']]) {
  test(`${name} in a message listener, other channels open`, () => {
    const { status, signal } = spawnSync(process.execPath, ['-e', `
      const { spawn } = require(${INDEX});
      const stdio = ['ignore', 'ignore', 'ignore', 'ipc'];
      for (let i = 0; i < 5; i++) {
        spawn('/bin/sh', ['-c', 'while echo 1 >&3; do :; done'], { stdio }).on('message', () => { if (i === 4) ${code}; });
      }`], { timeout: 20_000 });
    assert.deepEqual([status, signal], [name === 'an exception' ? 1 : 7, null]);
  });
}
