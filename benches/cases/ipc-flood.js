'use strict';

// As many messages as the channel takes, in one direction: how many a second, and what each costs
// this process.

const { ADVANCED } = require('../lib/exclusions.js');
const { flood, messageOf, windowFor } = require('../lib/flood.js');
const { atLeast, atMost } = require('../lib/goals.js');
const { receive, startPeer, stopPeer } = require('../lib/peer.js');
const { processCpu, rate } = require('../lib/sampling.js');

const MB = 2 ** 20;
const small = { rate: [atLeast(1)], cpu: [atMost(0.7)] };

/** @type {Record<string, (child: any, count: number, bytes: number) => Promise<any>>} */
const DIRECTIONS = {
  out: (child, count, bytes) => {
    const done = receive(child, 1);
    child.send({ do: 'sink', count });
    return Promise.all([flood(child.send.bind(child), messageOf(bytes), count, windowFor(bytes)), done]);
  },
  in: (child, count, bytes) => {
    const done = receive(child, count);
    child.send({ do: 'source', count, bytes });
    return done;
  },
};

/**
 * @param {'json' | 'advanced'} serialization
 * @param {number} times the target for large messages
 */
function variantsFor(serialization, times) {
  const without = serialization === 'advanced' ? ADVANCED : {};
  return ['in', 'out'].flatMap((direction) => [
    {
      id: `small, ${direction}, ${serialization}`, direction, serialization, without, bytes: 0, count: 40_000, goals: small,
      chart: `IPC messages ${direction}, ${serialization}`,
    },
    {
      id: `1 MB, ${direction}, ${serialization}`, direction, serialization, without, bytes: MB, count: 100,
      goals: { rate: [atLeast(times)] }, chart: `IPC, 1 MB messages ${direction}, ${serialization}`,
    },
  ]);
}

module.exports = {
  title: 'IPC messages, seen from the parent',
  metrics: { rate: { unit: 'messages/s' }, cpu: { unit: 'µs CPU/message' } },
  variants: [...variantsFor('json', 1.3), ...variantsFor('advanced', 1.2)],

  /** @param {any} task */
  async prepare({ cp, node, quick, variant: { bytes, count: many, direction, serialization } }) {
    const child = await startPeer(cp, node, serialization);
    const count = quick ? many / 5 : many;
    return {
      round: async () => {
        const before = processCpu();
        const figures = await rate(count, () => DIRECTIONS[direction](child, count, bytes));
        return { rate: figures, cpu: [(processCpu() - before) / count] };
      },
      close: () => stopPeer(child),
    };
  },
};
