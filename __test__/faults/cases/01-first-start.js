'use strict';

const fs = require('node:fs');
const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: '1',
  title: 'EMFILE at the very first start',
  needs: ['prlimit'],
  warm: false,
  runs: () => underEachPath(Array.from({ length: 9 }, (_value, spare) => (
    { name: `${spare} to spare`, argument: spare, prefix: ['prlimit', '--nofile=96:96'] }))),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    // Streams are part of the built-in module; loading them is no fault of a start.
    require('node:net');
    for (let round = 0; round < 3; round++) {
      const filler = [];
      try {
        for (;;) filler.push(fs.openSync('/dev/null'));
      } catch {
        // Full.
      }
      for (const fd of filler.splice(filler.length - context.argument)) fs.closeSync(fd);
      context.injected();
      const { code, errors } = await context.watch(context.cp.spawn('true'));
      for (const fd of filler) fs.closeSync(fd);
      if (errors.length > 0) context.equal(errors[0].code, 'EMFILE', 'the error');
      else context.equal(code, 0, 'the exit code');
    }
    const { code } = await context.watch(context.cp.spawn('true'));
    context.equal(code, 0, 'the exit code of the next start');
  },
};
