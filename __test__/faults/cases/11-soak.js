'use strict';

const path = require('node:path');
const { descriptors, resident, threads } = require('../process/inspect.js');

const MiB = 1 << 20;
const LINES = 6;
const ECHO = path.join(__dirname, '..', 'process', 'echo.js');

module.exports = {
  fault: '11',
  title: 'soak: mixed work, with memory, descriptors and threads flat',
  needsModule: 'lib/ipc/channel.js',
  seconds: 120,
  secondsLong: 120,
  runs: ({ long, minutes }) => [{ execArgv: ['--expose-gc'], argument: long ? minutes * 60_000 : 12_000 }],

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const start = performance.now();
    const time = context.argument;
    // What is made once has been made after the first quarter.
    await work(context, start + time / 4);
    const before = measure();
    await work(context, start + time);
    await context.until(() => threads() <= before.threads);
    const after = measure();
    const grown = (after.memory - before.memory) / MiB;
    // In seconds the heap has not found its size; in the long form it has.
    context.ok(grown < (context.long ? 25 : 50), `memory grew by ${grown.toFixed(1)} MiB`);
    context.ok(after.threads <= before.threads, `${after.threads} threads after ${before.threads}`);
    context.ok(after.descriptors <= before.descriptors, `${after.descriptors} descriptors after ${before.descriptors}`);
    context.remark(`memory ${(before.memory / MiB).toFixed(1)} → ${(after.memory / MiB).toFixed(1)} MiB, ` +
      `${after.threads} threads, ${after.descriptors} descriptors, ${Math.round(time / 1000)} s`);
  },
};

function measure() {
  globalThis.gc?.();
  globalThis.gc?.();
  return { memory: resident(), threads: threads(), descriptors: descriptors().size };
}

/** @param {import('../process/context.js').Context} context @param {number} until */
async function work(context, until) {
  await Promise.all(Array.from({ length: LINES }, async (_value, line) => {
    for (let turn = line; performance.now() < until; turn++) {
      context.injected();
      await TURNS[turn % TURNS.length](context);
    }
  }));
}

/** Each does one thing and sees that it came out right. @type {((context: any) => Promise<void>)[]} */
const TURNS = [
  async (context) => {
    const child = context.cp.spawn('cat');
    const [code, text] = await lifeOf(child, () => child.stdin.end('x'.repeat(50_000)));
    if (text.length !== 50_000) context.lostBytes(50_000 - text.length, 'of cat');
    context.equal(code, 0, 'cat');
  },
  async (context) => {
    const stdout = await new Promise((resolve) => context.cp.exec('echo text; exit 2', (_error, out) => resolve(out)));
    context.equal(stdout, 'text\n', 'exec');
  },
  async (context) => {
    const { stdout } = context.cp.spawnSync('cat', { input: 'text' });
    context.equal(String(stdout), 'text', 'spawnSync');
  },
  async (context) => {
    const error = await new Promise((resolve) => context.cp.spawn('/no/such/file').on('error', resolve));
    context.equal(error.code, 'ENOENT', 'a missing file');
  },
  async (context) => {
    const [, , signal] = await lifeOf(context.cp.spawn('sleep', ['30'], { timeout: 20 }));
    context.equal(signal, 'SIGTERM', 'a timeout');
  },
  async (context) => {
    const error = await new Promise((resolve) => context.cp.exec('yes', { maxBuffer: 100_000 }, resolve));
    context.equal(error.code, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', 'a limit');
  },
  async (context) => fork(context, 'json'),
  async (context) => fork(context, 'advanced'),
];

/** @param {any} context @param {string} serialization */
async function fork(context, serialization) {
  const child = context.cp.fork(ECHO, { serialization, silent: true });
  const texts = Array.from({ length: 20 }, (_value, i) => `${i}`.repeat(i * 100));
  /** @type {string[]} */
  const got = [];
  child.on('message', (/** @type {string} */ text) => {
    // After a disconnect() from here the built-in would never say 'close'.
    if (got.push(text) === texts.length) child.send('leave');
  });
  const [code] = await lifeOf(child, () => texts.forEach((text) => child.send(text)));
  context.equal(code, 0, 'fork');
  context.equal(got, texts, 'the messages');
}

/** @param {any} child @param {() => void} [begin] @returns {Promise<any[]>} */
function lifeOf(child, begin) {
  let text = '';
  child.stdout?.on('data', (/** @type {Buffer} */ data) => { text += data; });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (/** @type {any} */ code, /** @type {any} */ signal) => resolve([code, text, signal]));
    begin?.();
  });
}
