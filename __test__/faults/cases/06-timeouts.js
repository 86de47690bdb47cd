'use strict';

const { underEachPath } = require('../runner/switches.js');

const COMMAND = 'echo text; sleep 4 & sleep 4';
const TIMEOUT = 300;
/** Generous: the machine may be busy. */
const LATE = 2500;

module.exports = {
  fault: '6',
  title: 'a timeout while a grandchild keeps the pipe',
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp } = context;
    const options = { timeout: TIMEOUT, encoding: 'utf8' };
    const start = performance.now();
    const onTime = (/** @type {string} */ what, since = start) => {
      const took = performance.now() - since;
      if (took > LATE) context.hang(`${what} came after ${Math.round(took)} ms`);
      else context.ok(took >= TIMEOUT - 1, `${what} came after ${took} ms, before the time`);
    };
    context.injected(3);
    const executed = new Promise((resolve) => cp.exec(COMMAND, options, (error, stdout) => {
      onTime('exec');
      context.equal([error?.killed, error?.signal, stdout], [true, 'SIGTERM', 'text\n'], 'exec');
      resolve(undefined);
    }));
    // The streams of a destroyed one are not waited for; with a reader of its own they are not destroyed.
    const child = cp.spawn('sh', ['-c', COMMAND], { timeout: TIMEOUT, stdio: 'ignore' });
    const { signal } = await context.watch(child);
    onTime('spawn');
    context.equal(signal, 'SIGTERM', 'spawn');
    await context.within(executed, 'exec');
    const before = performance.now();
    const result = cp.spawnSync('sh', ['-c', COMMAND], options);
    onTime('spawnSync', before);
    context.equal([result.error?.code, result.signal, result.stdout], ['ETIMEDOUT', 'SIGTERM', 'text\n'], 'spawnSync');
    await context.pause(100);
  },
};
