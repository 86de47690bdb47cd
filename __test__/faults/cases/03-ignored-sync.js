'use strict';

const { constants } = require('node:os');
const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: '3',
  title: 'SIGCHLD ignored at run time: the sync family',
  needs: ['cc'],
  seconds: 20,
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    native.setDisposition(constants.signals.SIGCHLD, 1);
    for (let i = 0; i < 20; i++) {
      context.injected();
      const { error, status, stdout } = cp.spawnSync('sh', ['-c', `echo ${i}; exit 7`]);
      context.equal(error, undefined, 'error');
      context.ok(status === 7 || status === null, `status ${status}`);
      if (String(stdout) !== `${i}\n`) context.lostBytes(2, 'output of spawnSync');
    }
    native.setDisposition(constants.signals.SIGCHLD, 0);
  },
};
