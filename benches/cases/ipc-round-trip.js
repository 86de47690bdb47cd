'use strict';

// A message to the child and back, one after the other.

const { ADVANCED } = require('../lib/exclusions.js');
const { messageOf } = require('../lib/flood.js');
const { atMost } = require('../lib/goals.js');
const { now } = require('../lib/sampling.js');
const { startPeer, stopPeer } = require('../lib/peer.js');

module.exports = {
  title: 'IPC round trip',
  metrics: { time: { unit: 'µs' } },
  variants: [
    { id: 'json', serialization: 'json', goals: { time: [atMost(0.8)] }, chart: 'IPC round trip, json' },
    { id: 'advanced', serialization: 'advanced', without: ADVANCED, goals: {}, chart: 'IPC round trip, advanced' },
  ],

  /** @param {any} task */
  async prepare({ cp, node, quick, variant: { serialization } }) {
    const child = await startPeer(cp, node, serialization);
    const count = quick ? 1000 : 5000;
    const message = messageOf(0);
    const bounce = () => new Promise((resolve) => {
      let left = count;
      const onMessage = () => {
        if (--left > 0) {
          child.send(message);
        } else {
          child.removeListener('message', onMessage);
          resolve(undefined);
        }
      };
      child.on('message', onMessage);
      child.send(message);
    });
    return {
      round: async () => {
        const start = now();
        await bounce();
        return { time: [(now() - start) * 1000 / count] };
      },
      close: () => stopPeer(child),
    };
  },
};

