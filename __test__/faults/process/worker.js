'use strict';

/*
 * What a worker of the fault suite does: it starts children of every sort, without end or as often
 * as it is told, and says what came of them.
 */

const { parentPort, workerData } = require('node:worker_threads');

const { modulePath, rounds } = workerData;
const cp = require(modulePath);

/** A child that answers what it is told, over its channel. */
const ECHO = 'process.on("message", (message) => process.send(message))';

const KINDS = [
  () => new Promise((resolve) => {
    const child = cp.spawn('sh', ['-c', 'echo text; exit 3']);
    let text = '';
    child.stdout.on('data', (/** @type {Buffer} */ data) => { text += data; });
    child.on('close', (/** @type {number} */ code) => resolve(code === 3 && text === 'text\n'));
  }),
  () => new Promise((resolve) => cp.exec('echo text', (/** @type {any} */ error, /** @type {string} */ stdout) => resolve(!error && stdout === 'text\n'))),
  async () => String(cp.spawnSync('cat', { input: 'text' }).stdout) === 'text',
  () => new Promise((resolve) => {
    const child = cp.spawn('cat');
    child.stdout.resume();
    child.on('close', (/** @type {number} */ code) => resolve(code === 0));
    child.stdin.end('x'.repeat(100_000));
  }),
  () => new Promise((resolve) => cp.spawn('/no/such/file').on('error', (/** @type {any} */ error) => resolve(error.code === 'ENOENT'))),
];

/** Costs as much as all others together: not in every round. */
function echo() {
  return new Promise((resolve) => {
    const child = cp.spawn(process.execPath, ['-e', ECHO], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.on('message', (/** @type {any} */ message) => {
      resolve(message.text === 'hello');
      child.disconnect();
    });
    child.send({ text: 'hello' });
  });
}

async function main() {
  for (let round = 0; round < rounds; round++) {
    const answers = await Promise.all([...KINDS, ...(round === 0 ? [echo] : [])].map((kind) => kind()));
    parentPort?.postMessage(answers.filter((isRight) => !isRight).length);
  }
}

main();
