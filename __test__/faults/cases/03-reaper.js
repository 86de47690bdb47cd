'use strict';

const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: '3',
  title: 'somebody else calls waitpid(-1)',
  needs: ['cc'],
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    native.startReaper();
    const ends = [];
    for (let i = 0; i < 200; i++) ends.push(context.watch(cp.spawn('sh', ['-c', `echo ${i}; exit 7`]), { ms: 5000 }));
    const records = await Promise.all(ends);
    const stolen = native.stop();
    context.injected(stolen);
    context.ok(stolen > 0, 'the reaper got none');
    // The kernel may have told the status all the same; a wrong one it must not be.
    for (const { code, signal } of records) {
      if (!(code === 7 || code === null || code === undefined) || signal) context.wrong(`exit (${code}, ${signal})`);
    }
    const short = records.filter(({ text }, i) => text !== `${i}\n`).length;
    context.lostBytes(short, `the output of ${short} children`);
  },
};
