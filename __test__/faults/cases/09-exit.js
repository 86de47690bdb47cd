'use strict';

const { spawn: start } = require('node:child_process');
const path = require('node:path');

const FILE = path.join(__dirname, '..', 'process', 'leaving.js');

module.exports = {
  fault: '9',
  title: 'process.exit() with children, pipes and channels alive',
  seconds: 120,

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    for (const manner of ['exit', 'exit in a worker', 'throw', 'exit in an exit listener', 'end of the loop']) {
      for (let round = 0; round < (context.long ? 30 : 4); round++) {
        context.injected();
        const child = start(process.execPath, [FILE, context.modulePath, manner, String(round * 3)], { stdio: 'ignore' });
        const end = new Promise((resolve) => child.on('exit', (code, signal) => resolve([code, signal])));
        const [code, signal] = (await context.within(end, manner, 15_000)) ?? [];
        if (signal) context.crash(1, `${manner}: ${signal}`);
        else if (code !== undefined) context.equal(code, manner === 'throw' ? 1 : 5, manner);
        child.kill('SIGKILL');
      }
    }
  },
};
