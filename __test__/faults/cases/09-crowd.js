'use strict';

const path = require('node:path');
const { Worker } = require('node:worker_threads');

const FILE = path.join(__dirname, '..', 'process', 'worker.js');

module.exports = {
  fault: '9',
  title: 'loaded in 20 workers at once',
  seconds: 120,
  warm: false,

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const rounds = context.long ? 10 : 2;
    const ends = Array.from({ length: 20 }, () => {
      context.injected();
      const worker = new Worker(FILE, { workerData: { modulePath: context.modulePath, rounds } });
      let answers = 0;
      worker.on('message', (failures) => {
        answers++;
        if (failures > 0) context.wrong(`${failures} wrong answers in a worker`);
      });
      return new Promise((resolve) => {
        worker.on('error', (error) => context.wrong(`a worker: ${error.message}`));
        worker.on('exit', (code) => {
          context.equal([code, answers], [0, rounds], 'a worker');
          resolve(undefined);
        });
      });
    });
    await context.within(Promise.all(ends), 'the workers', 100_000);
  },
};
