'use strict';

const { Worker } = require('node:worker_threads');
const { children } = require('../process/inspect.js');

/** Each ends when its input does, or cannot write any more. */
const SCRIPT = `
const cp = require(process.env.FAULTS_MODULE);
cp.spawn('cat');
cp.spawn('yes');
cp.exec('cat');
cp.exec('yes', { maxBuffer: Infinity });
cp.spawn('sh', ['-c', 'read line <&3'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
cp.spawn(process.execPath, ['-e', 'process.on("message", () => {})'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
require('node:worker_threads').parentPort.postMessage('ready');
setInterval(() => {}, 1000);
`;

module.exports = {
  fault: '9',
  title: 'a worker gone: its children\'s pipes are closed, and they are reaped',
  seconds: 60,

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(SCRIPT, { eval: true, env: { ...process.env, FAULTS_MODULE: context.modulePath } });
      await new Promise((resolve) => worker.once('message', resolve));
      context.injected(6);
      await worker.terminate();
      await context.until(() => children().length === 0, 3000);
    }
  },
};
