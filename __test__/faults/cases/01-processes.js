'use strict';

const { underEachPath } = require('../runner/switches.js');

const NPROC = 6;
const NOBODY = '65534';

module.exports = {
  fault: '1',
  title: 'EAGAIN: RLIMIT_NPROC as an unprivileged user',
  needs: ['root', 'setpriv', 'cc'],
  runs: () => underEachPath([{ prefix: ['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'] }]),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    // The built-in's helper threads are there by now; the limit is on threads and processes together.
    await new Promise((resolve) => require('node:fs').stat('/', resolve));
    for (let round = 0; round < 10; round++) {
      native.setLimit(NPROC, 1);
      context.injected(3);
      const { errors } = await context.watch(cp.spawn('true'));
      context.equal(errors[0]?.code, 'EAGAIN', 'spawn');
      context.equal(errors[0]?.syscall, 'spawn true', 'spawn');
      context.equal(cp.spawnSync('true').error?.code, 'EAGAIN', 'spawnSync');
      const error = await context.within(new Promise((resolve) => cp.exec('true', resolve)), 'exec');
      context.equal(error?.code, 'EAGAIN', 'exec');
      native.setLimit(NPROC, -1);
      const { code } = await context.watch(cp.spawn('true'));
      context.equal(code, 0, 'the exit code of the next start');
    }
  },
};
