'use strict';

const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: '3',
  title: 'somebody else calls waitpid(-1): the sync family',
  needs: ['cc'],
  seconds: 20,
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    native.startReaper();
    for (let i = 0; i < 50; i++) {
      const { error, status, stdout } = cp.spawnSync('sh', ['-c', `echo ${i}; exit 7`]);
      context.equal(error, undefined, 'error');
      context.ok(status === 7 || status === null, `status ${status}`);
      if (String(stdout) !== `${i}\n`) context.lostBytes(2, 'output of spawnSync');
    }
    const stolen = native.stop();
    context.injected(stolen);
    context.ok(stolen > 0, 'the reaper got none');
  },
};
