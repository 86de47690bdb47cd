'use strict';

const { underEachPath } = require('../runner/switches.js');

/** The shell ends at once; its child goes on writing to the same pipe. */
const COMMAND = 'echo first; (sleep 1; echo last) & exit 3';

module.exports = {
  fault: '6',
  title: 'a grandchild that keeps the pipe open',
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp } = context;
    const runs = Array.from({ length: 5 }, () => context.watch(cp.spawn('sh', ['-c', COMMAND])));
    // Nobody looks at these streams: close waits for the grandchild all the same.
    runs.push(context.watch(cp.spawn('sh', ['-c', COMMAND]), { collect: false }));
    const executed = new Promise((resolve) => cp.exec(COMMAND, (error, stdout) => resolve([error?.code, stdout])));
    context.injected(7);
    for (const [i, { closeAfter, code, exitAfter, text }] of (await Promise.all(runs)).entries()) {
      context.equal(code, 3, 'the exit code');
      context.ok(exitAfter < 900, `exit after ${exitAfter} ms`);
      context.ok(closeAfter > 950, `close after ${closeAfter} ms`);
      if (i < 5 && text !== 'first\nlast\n') context.lostBytes('first\nlast\n'.length - text.length || 1, `got '${text}'`);
    }
    context.equal(await context.within(executed, 'exec'), [3, 'first\nlast\n'], 'exec');
  },
};
