'use strict';

const MiB = 1 << 20;
/** Four times the bytes; a time that grows with their square would be sixteen times as long. */
const MOST_RATIO = 11;

module.exports = {
  fault: '10',
  title: 'one large message, in time that grows with its bytes',
  needsModule: 'lib/ipc/channel.js',
  seconds: 25,
  secondsLong: 300,
  runs: ({ long }) => [
    { name: 'json', argument: { mode: 'json', size: long ? 120 * MiB : 16 * MiB } },
    { name: 'advanced', argument: { mode: 'advanced', size: long ? 250 * MiB : 16 * MiB } },
  ],

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { mode, size } = context.argument;
    const script = `process.on('message', (message) => {
      if (message === 'leave') process.exit();
      else if (typeof message === 'number') process.send(${mode === 'json' ? "'x'.repeat(message)" : 'Buffer.alloc(message, 120)'});
      else process.send(message.length);
    })`;
    const child = context.cp.spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: mode });
    const end = context.watch(child, { ms: 280_000 });
    const ask = (/** @type {any} */ message) => {
      const start = performance.now();
      return new Promise((resolve) => {
        child.once('message', (/** @type {any} */ answer) => resolve([answer, performance.now() - start]));
        child.send(message);
      });
    };
    await ask(1000);
    const times = { small: Infinity, large: Infinity };
    for (let round = 0; round < 2; round++) {
      for (const [name, bytes] of [['small', size / 4], ['large', size]]) {
        context.injected(2);
        const [answer, time] = await ask(bytes);
        context.lostBytes(bytes - answer.length, 'of a message that came');
        times[name] = Math.min(times[name], time);
        // One that was received is sent back as it is.
        const [length] = await ask(answer);
        context.lostBytes(bytes - length, 'of a message that was sent');
      }
    }
    child.send('leave');
    await end;
    const ratio = times.large / times.small;
    context.ok(ratio < MOST_RATIO, `four times the bytes took ${ratio.toFixed(1)} times as long`);
    context.remark(`${mode}: ${size / MiB} MiB received in ${Math.round(times.large)} ms, a quarter of it in ${Math.round(times.small)} ms`);
  },
};
