'use strict';

const { underEachPath } = require('../runner/switches.js');

/** Of fifty children each, until the reaper has got one. */
const ROUNDS = 20;

module.exports = {
  fault: '3',
  title: 'somebody else calls waitpid(-1): the sync family',
  needs: ['cc'],
  seconds: 20,
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    // Who comes first is chance: on until the reaper has.
    let stolen = 0;
    for (let round = 0; round < ROUNDS && stolen === 0; round++) stolen = beside(context);
    context.injected(stolen);
    context.ok(stolen > 0, 'the reaper got none');
  },
};

/**
 * Fifty children while the reaper waits for them, too.
 * @param {import('../process/context.js').Context} context
 * @returns {number} how many it got
 */
function beside(context) {
  const { cp, native } = context;
  native.startReaper();
  for (let i = 0; i < 50; i++) {
    const { error, status, stdout } = cp.spawnSync('sh', ['-c', `echo ${i}; exit 7`]);
    context.equal(error, undefined, 'error');
    context.ok(status === 7 || status === null, `status ${status}`);
    if (String(stdout) !== `${i}\n`) context.lostBytes(2, 'output of spawnSync');
  }
  return native.stop();
}
