'use strict';

const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: '2',
  title: 'many children, some hundred alive at once',
  seconds: 120,
  secondsLong: 300,
  runs: ({ long }) => (long ? underEachPath() : [{}]),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const [total, alive] = context.long ? [10_000, 500] : [1500, 200];
    let started = 0;
    const line = async () => {
      while (started < total) {
        const number = started++;
        context.injected();
        const child = context.cp.spawn('sh', ['-c', `echo ${number}; exit ${number % 200}`], { stdio: ['ignore', 'pipe', 'ignore'] });
        const { code, text } = await context.watch(child, { ms: 60_000 });
        context.equal(code, number % 200, `the exit code of ${number}`);
        if (text !== `${number}\n`) context.lostBytes(`${number}\n`.length - text.length || 1, `${number} said '${text}'`);
      }
    };
    await Promise.all(Array.from({ length: alive }, line));
  },
};
