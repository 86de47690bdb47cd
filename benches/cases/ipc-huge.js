'use strict';

// One message of 16 MB and one of 256 MB: the time may grow with the bytes and not faster.

const { ADVANCED, HUGE } = require('../lib/exclusions.js');
const { flood, messageOf } = require('../lib/flood.js');
const { itselfAtMost } = require('../lib/goals.js');
const { receive, startPeer, stopPeer } = require('../lib/peer.js');
const { now } = require('../lib/sampling.js');

const MB = 2 ** 20;

/** @type {Record<string, (child: any, bytes: number) => Promise<any>>} */
const DIRECTIONS = {
  out: (child, bytes) => {
    const done = receive(child, 1);
    child.send({ do: 'sink', count: 1 });
    return Promise.all([flood(child.send.bind(child), messageOf(bytes), 1, 1), done]);
  },
  in: (child, bytes) => {
    const done = receive(child, 1);
    child.send({ do: 'source', count: 1, bytes });
    return done;
  },
};

const goals = { growth: [itselfAtMost(1.3)] };

module.exports = {
  title: 'One IPC message of 256 MB',
  metrics: { time: { unit: 'ms' }, growth: { unit: '× per byte from 16 MB', own: true } },
  variants: [
    { id: 'json, in', serialization: 'json', direction: 'in', rounds: 4, goals, without: HUGE, chart: 'One 256 MB IPC message in, json' },
    { id: 'json, out', serialization: 'json', direction: 'out', rounds: 4, goals, without: HUGE },
    { id: 'advanced, in', serialization: 'advanced', direction: 'in', rounds: 4, goals, without: { ...ADVANCED, ...HUGE } },
    { id: 'advanced, out', serialization: 'advanced', direction: 'out', rounds: 4, goals, without: { ...ADVANCED, ...HUGE } },
  ],

  /** @param {any} task */
  async prepare({ cp, node, quick, variant: { direction, serialization } }) {
    const child = await startPeer(cp, node, serialization);
    const [less, more] = quick ? [4, 64] : [16, 256];
    /** @param {number} megabytes */
    const timed = async (megabytes) => {
      const start = now();
      await DIRECTIONS[direction](child, megabytes * MB);
      return now() - start;
    };
    return {
      round: async () => {
        const short = await timed(less);
        const long = await timed(more);
        return { time: [long], growth: [(long / more) / (short / less)] };
      },
      close: () => stopPeer(child),
    };
  },
};
