'use strict';

const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: 'input',
  title: 'uid and gid: supplementary groups dropped, this process untouched',
  needs: ['root', 'cc', 'setpriv'],
  runs: () => underEachPath([{ prefix: ['setpriv', '--groups', '0,4,20'] }]),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    const options = { uid: 65534, gid: 65534 };
    for (let round = 0; round < 5; round++) {
      context.injected(3);
      const { text } = await context.watch(cp.spawn('sh', ['-c', 'id -u; id -g; id -G'], options));
      context.equal(text, '65534\n65534\n65534\n', 'spawn');
      context.equal(String(cp.spawnSync('id', ['-G'], options).stdout), '65534\n', 'spawnSync');
      const refused = await context.watch(cp.spawn('/root/nothing', options));
      context.ok(['EACCES', 'ENOENT'].includes(refused.errors[0]?.code), 'a file in a folder of the superuser');
    }
    context.equal(native.isDumpable(), 1, 'whether this process may be dumped');
    context.equal(process.getuid?.(), 0, 'the user of this process');
  },
};
