'use strict';

const GiB = 1 << 30;

module.exports = {
  fault: '10',
  title: '1 GiB in one message, both ways',
  needsModule: 'lib/ipc/channel.js',
  longOnly: 'it takes 6 GB of memory',
  secondsLong: 300,

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const script = `process.on('message', (message) => {
      if (message === 'leave') process.exit();
      else if (typeof message === 'number') process.send(Buffer.alloc(message, 120));
      else process.send(message.length);
    })`;
    const child = context.cp.spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' });
    const end = context.watch(child, { ms: 280_000 });
    context.injected(2);
    const start = performance.now();
    const length = await new Promise((resolve) => {
      child.once('message', resolve);
      child.send(Buffer.alloc(GiB, 120));
    });
    context.lostBytes(GiB - length, 'of 1 GiB sent');
    context.remark(`sent in ${Math.round(performance.now() - start)} ms`);
    // Above the limit of what a child may send: an error, and the channel closes.
    const answer = new Promise((resolve) => child.once('message', resolve));
    child.send(GiB);
    const record = await Promise.race([answer, end]);
    if (context.isPackage) context.equal(record.errors?.map(({ code }) => code), ['ERR_IPC_FRAME_TOO_LARGE'], 'errors');
    child.kill();
    await end;
  },
};
