'use strict';

const { resident } = require('../process/inspect.js');

const MiB = 1 << 20;
const TEXT = 'x'.repeat(1000);
const SERIALIZATIONS = ['json', 'advanced'];

module.exports = {
  fault: '10',
  title: 'a flood of messages while JavaScript is busy',
  needsModule: 'lib/ipc/channel.js',
  seconds: 90,
  secondsLong: 300,
  runs: () => SERIALIZATIONS.map((name) => ({ name, argument: name })),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const total = context.long ? 600_000 : 100_000;
    // It never waits: what the socket does not take stays in the child's memory, not in ours.
    const flood = `for (let i = 0; i < ${total}; i++) process.send({ i, text: '${TEXT}' });
      process.once('message', () => process.disconnect())`;
    context.injected(total);
    const child = context.cp.spawn(process.execPath, ['-e', flood], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: context.argument,
    });
    const memory = resident();
    let [next, highest, blocked] = [0, 0, 0];
    child.on('message', (/** @type {any} */ { i, text }) => {
      if (i !== next || text !== TEXT) context.wrong(`message ${i} came for ${next}`);
      next++;
      if (next % (total / 10) === 1) {
        context.block(300);
        blocked++;
        highest = Math.max(highest, resident());
      }
      if (next === total) child.send('enough');
    });
    await context.watch(child, { ms: context.long ? 240_000 : 60_000 });
    context.lostBytes((total - next) * TEXT.length, `${total - next} messages of ${total}`);
    context.ok(blocked === 10, `blocked ${blocked} times`);
    context.ok(highest - memory < 200 * MiB, `memory grew by ${Math.round((highest - memory) / MiB)} MiB`);
  },
};
