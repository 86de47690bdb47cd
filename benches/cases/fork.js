'use strict';

// From fork() to the child's first message.

const { next } = require('../lib/events.js');
const { FORK_OF_NODE } = require('../lib/exclusions.js');
const { PEER } = require('../lib/peer.js');
const { latencies, now } = require('../lib/sampling.js');

module.exports = {
  title: 'fork() to the first message',
  metrics: { time: { unit: 'ms' } },
  variants: [{ id: 'a Node child', goals: {}, without: FORK_OF_NODE, chart: 'fork() to the first message' }],

  /** @param {any} task */
  prepare({ cp, node, quick }) {
    const once = async () => {
      const start = now();
      const child = cp.fork(PEER, [], {
        execPath: node, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      await next(child, 'message');
      const overriddenDuration = now() - start;
      const exited = next(child, 'exit');
      child.disconnect();
      await exited;
      return { overriddenDuration };
    };
    return { round: async () => ({ time: await latencies(once, quick ? 3 : 8) }) };
  },
};
