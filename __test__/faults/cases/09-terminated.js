'use strict';

const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { resident, threads } = require('../process/inspect.js');

const FILE = path.join(__dirname, '..', 'process', 'worker.js');
const AT_ONCE = 4;
const MiB = 1 << 20;

module.exports = {
  fault: '9',
  title: 'workers terminated among starts, messages and live children',
  seconds: 120,
  secondsLong: 900,

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const total = context.long ? 1000 : 60;
    let started = 0;
    const line = async (/** @type {number} */ until) => {
      while (started < until) {
        const moment = (started++ * 7919) % 250;
        await terminate(context, moment);
      }
    };
    const crowd = (/** @type {number} */ until) => Promise.all(Array.from({ length: AT_ONCE }, () => line(until)));
    await crowd(total / 2);
    globalThis.gc?.();
    const [memory, count] = [resident(), threads()];
    await crowd(total);
    globalThis.gc?.();
    await context.until(() => threads() <= count);
    context.ok(threads() <= count, `${threads()} threads after ${count}`);
    const grown = (resident() - memory) / MiB;
    // Node itself keeps a little of every worker.
    context.ok(grown < 30 + total / 10, `memory grew by ${Math.round(grown)} MiB over ${total / 2} workers`);
    context.remark(`memory ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MiB over the last ${total / 2} workers`);
  },
  runs: () => [{ execArgv: ['--expose-gc'] }],
};

/** @param {import('../process/context.js').Context} context @param {number} moment ms after the first answers */
async function terminate(context, moment) {
  const worker = new Worker(FILE, { workerData: { modulePath: context.modulePath, rounds: Infinity } });
  let isGone = false;
  worker.on('error', (error) => context.wrong(`a worker: ${error.message}`));
  worker.on('message', (failures) => {
    if (failures > 0 && !isGone) context.wrong(`${failures} wrong answers in a worker`);
  });
  await new Promise((resolve) => worker.once('online', resolve));
  await context.pause(moment);
  isGone = true;
  context.injected();
  await context.within(worker.terminate(), 'terminate()');
}
