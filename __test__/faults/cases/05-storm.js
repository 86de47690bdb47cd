'use strict';

const { constants } = require('node:os');
const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: '5',
  title: 'a storm of signals on the JavaScript thread',
  needs: ['cc'],
  seconds: 90,
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    let heard = 0;
    const listener = () => heard++;
    process.on('SIGUSR2', listener);
    native.startStorm(constants.signals.SIGUSR2, 100);
    for (let round = 0; round < 20; round++) {
      const ends = Array.from({ length: 8 }, (_value, i) => context.watch(cp.spawn('sh', ['-c', `echo ${i}; exit ${i}`])));
      for (const [i, { code, text }] of (await Promise.all(ends)).entries()) {
        context.equal([code, text], [i, `${i}\n`], 'a child');
      }
      const { status, stdout, error } = cp.spawnSync('head', ['-c', '300000', '/dev/zero']);
      context.equal([error, status, stdout?.length], [undefined, 0, 300_000], 'spawnSync');
      // A child starts with the default disposition and nothing pending: no signal of the storm is its.
      const { code, signal } = await context.watch(cp.spawn('sh', ['-c', 'kill -USR2 $$; sleep 9']));
      context.equal([code, signal], [null, 'SIGUSR2'], 'a child that gets the signal');
    }
    context.injected(native.stop());
    context.ok(heard > 0, 'the listener heard nothing');
    process.off('SIGUSR2', listener);
  },
};
