'use strict';

const NPROC = 6;
const NOBODY = '65534';

module.exports = {
  fault: '1',
  title: 'EAGAIN at the very first start: no thread to be had',
  needs: ['root', 'setpriv', 'cc'],
  warm: false,
  runs: () => [{ prefix: ['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'] }],

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    await new Promise((resolve) => require('node:fs').stat('/', resolve));
    native.setLimit(NPROC, 1);
    for (let round = 0; round < 5; round++) {
      context.injected();
      const { errors } = await context.watch(cp.spawn('true'));
      context.equal(errors[0]?.code, 'EAGAIN', 'spawn');
    }
    native.setLimit(NPROC, -1);
    const { code } = await context.watch(cp.spawn('true'));
    context.equal(code, 0, 'the exit code of the next start');
  },
};
