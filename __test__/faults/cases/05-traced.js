'use strict';

const { spawn: start } = require('node:child_process');
const { underEachPath } = require('../runner/switches.js');

const PAUSE_MS = 300;

module.exports = {
  fault: '5',
  title: 'a traced child, whose tracer is slow to let go',
  needs: ['cc'],
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp } = context;
    for (let round = 0; round < 3; round++) {
      const child = cp.spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
      const end = context.watch(child);
      const tracer = start(context.tool('slow-tracer'), [String(child.pid), String(PAUSE_MS)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const gone = new Promise((resolve) => tracer.on('exit', resolve));
      const isReady = await Promise.race([new Promise((resolve) => tracer.stdout.once('data', () => resolve(true))), gone.then(() => false)]);
      if (!isReady) {
        child.kill('SIGKILL');
        await end;
        return context.skip('tracing is not allowed here');
      }
      context.injected();
      child.stdin.end('text');
      const { code, text } = await end;
      context.equal([code, text], [0, 'text'], 'the child');
      context.equal(await gone, 0, 'the tracer');
    }
  },
};
