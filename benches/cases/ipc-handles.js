'use strict';

// Handles passed to the child, each acknowledged before the next is sent, as the protocol wants it.

const { createServer } = require('node:net');
const { next } = require('../lib/events.js');
const { HANDLES } = require('../lib/exclusions.js');
const { messageOf } = require('../lib/flood.js');
const { receive, startPeer, stopPeer } = require('../lib/peer.js');
const { rate } = require('../lib/sampling.js');

module.exports = {
  title: 'IPC handles',
  metrics: { rate: { unit: '/s' } },
  variants: [{ id: 'a listening server, out', goals: {}, without: HANDLES, chart: 'Handles passed' }],

  /** @param {any} task */
  async prepare({ cp, node, quick }) {
    const child = await startPeer(cp, node, 'json');
    const server = createServer().listen(0, '127.0.0.1');
    await next(server, 'listening');
    const count = quick ? 100 : 500;
    const pass = async () => {
      const done = receive(child, 1);
      child.send({ do: 'sink', count });
      for (let i = 0; i < count; i++) child.send(messageOf(0), server);
      const { handles } = await done;
      if (handles !== count) throw new Error(`${handles} handles have arrived instead of ${count}`);
    };
    return {
      round: async () => ({ rate: await rate(count, pass) }),
      close: async () => {
        server.close();
        await stopPeer(child);
      },
    };
  },
};
