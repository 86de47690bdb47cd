'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { after, test } = require('node:test');
const { Worker } = require('node:worker_threads');

const ROOT = path.join(__dirname, '..', '..');
const STRESS = path.join(__dirname, '..', 'faults', 'process', 'worker.js');
const ECHO = path.join(__dirname, '..', 'faults', 'process', 'echo.js');
const LIMIT = { timeout: 20_000 };

/** @type {Set<Worker>} */
const running = new Set();
// A failed test must not keep the others from being reported.
after(() => Promise.all([...running].map((worker) => worker.terminate())));

/**
 * @template {Worker} T
 * @param {T} worker
 * @returns {T}
 */
function tracked(worker) {
  running.add(worker);
  worker.once('exit', () => running.delete(worker));
  return worker;
}

/**
 * A worker that runs some code with the package as `cp`, and the first message it sends.
 * @param {string} code
 */
function workerOf(code) {
  const worker = tracked(new Worker(`
    const { parentPort } = require('node:worker_threads');
    const cp = require(${JSON.stringify(ROOT)});
    ${code}`, { eval: true }));
  return { worker, message: new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)) };
}

/** @param {Worker} worker */
function exitOf(worker) {
  return new Promise((resolve) => worker.once('exit', resolve));
}

/** @param {() => any} isTrue */
async function until(isTrue) {
  for (const end = Date.now() + 5000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (isTrue()) return true;
  }
  return false;
}

/** @param {number} pid */
function isThere(pid) {
  return fs.existsSync(`/proc/${pid}`);
}

/** Sockets, pipes and pidfds of this process. */
function sockets() {
  return fs.readdirSync('/proc/self/fd').filter((name) => {
    try {
      return /^socket:|pidfd/.test(fs.readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      return false;
    }
  }).length;
}

test('loaded in several workers and here', LIMIT, async () => {
  const cp = require(ROOT);
  const workers = Array.from({ length: 6 }, () => tracked(new Worker(STRESS, { workerData: { modulePath: ROOT, rounds: 2 } })));
  /** @type {number[]} */
  const failures = [];
  for (const worker of workers) worker.on('message', (count) => failures.push(count));
  const ends = workers.map(exitOf);
  assert.strictEqual(String(cp.spawnSync('echo', ['text']).stdout), 'text\n');
  assert.deepStrictEqual(await Promise.all(ends), workers.map(() => 0));
  assert.deepStrictEqual(failures, new Array(12).fill(0));
});

test('a start that fails does not keep a worker alive', LIMIT, async () => {
  const ends = Array.from({ length: 12 }, () => exitOf(workerOf(`cp.spawn('/no/such/file').on('error', () => {});`).worker));
  assert.deepStrictEqual(await Promise.all(ends), ends.map(() => 0));
});

test('a terminated worker takes the pipes of its children along, and they are reaped', LIMIT, async () => {
  const before = sockets();
  const { message, worker } = workerOf(`
    const pids = [cp.spawn('cat').pid, cp.exec('exec cat').pid, cp.spawn('yes').pid];
    parentPort.postMessage(pids);
    setInterval(() => {}, 1000);`);
  const pids = await message;
  assert.strictEqual(pids.filter(isThere).length, 3);
  await worker.terminate();
  assert.ok(await until(() => !pids.some(isThere)), 'the children have ended and are reaped');
  assert.ok(await until(() => sockets() <= before), 'nothing stays open');
});

test('a child that outlives its worker is reaped', LIMIT, async () => {
  const { message, worker } = workerOf(`
    parentPort.postMessage(cp.spawn('sleep', ['0.5'], { stdio: 'ignore' }).pid);
    setInterval(() => {}, 1000);`);
  const pid = await message;
  await worker.terminate();
  assert.ok(isThere(pid), 'it goes on');
  assert.ok(await until(() => !isThere(pid)), 'it is no zombie');
});

test('process.exit() in a worker with children alive', LIMIT, async () => {
  const { message, worker } = workerOf(`
    const child = cp.spawn('cat');
    child.stdout.on('data', () => {});
    cp.fork(${JSON.stringify(ECHO)}).send('text');
    parentPort.postMessage('ready');
    setTimeout(() => process.exit(7), 20);`);
  const end = exitOf(worker);
  await message;
  assert.strictEqual(await end, 7);
});
