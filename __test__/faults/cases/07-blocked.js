'use strict';

const { underEachPath } = require('../runner/switches.js');
const { state } = require('../process/inspect.js');

const TIMEOUT = 200;
const BLOCKED = 1500;

module.exports = {
  fault: '7',
  title: 'the event loop blocked past a timeout or a limit',
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp } = context;
    /** @type {any[]} */
    const children = [];
    const ends = [];
    for (let i = 0; i < 5; i++) {
      children.push(cp.spawn('sleep', ['30'], { timeout: TIMEOUT }));
      ends.push(context.watch(children.at(-1)));
    }
    for (const command of ['exec sleep 30', 'yes']) {
      ends.push(new Promise((resolve) => {
        const options = { timeout: command === 'yes' ? 0 : TIMEOUT, maxBuffer: 1000 };
        children.push(cp.exec(command, options, (error) => resolve({ error })));
      }));
    }
    context.injected(children.length);
    context.block(BLOCKED);
    for (const { pid, spawnargs } of children) {
      const now = state(pid);
      if (now !== undefined && now !== 'Z') context.wrong(`'${spawnargs.join(' ')}' lived on for ${BLOCKED} ms`);
    }
    const records = await context.within(Promise.all(ends), 'the ends');
    for (const { signal } of records?.slice(0, 5) ?? []) context.equal(signal, 'SIGTERM', 'spawn');
    const [timedOut, tooMuch] = records?.slice(5) ?? [];
    context.equal([timedOut?.error.killed, timedOut?.error.signal], [true, 'SIGTERM'], 'exec with a timeout');
    context.equal(tooMuch?.error.code, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', 'exec with a limit');
  },
};
