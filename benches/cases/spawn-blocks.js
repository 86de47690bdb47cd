'use strict';

// How long one spawn() with three pipes keeps the event loop from doing anything else.

const { next } = require('../lib/events.js');
const { atMost, notBehindBun } = require('../lib/goals.js');
const { latencies, now } = require('../lib/sampling.js');

const MiB = 2 ** 20;

/** @type {Record<string, () => any>} what the parent holds in memory meanwhile */
const HOLD = {
  nothing: () => null,
  buffers: () => Array.from({ length: 16 }, () => Buffer.alloc(64 * MiB, 1)),
  // Copies of an array of doubles are plain memory of the garbage-collected heap, 1 MiB each.
  heap: () => {
    const template = Array.from({ length: MiB / 8 }, (_, i) => i + 0.5);
    return Array.from({ length: 1024 }, () => template.slice());
  },
};

module.exports = {
  title: 'Event loop blocked by one spawn()',
  metrics: { time: { unit: 'µs' } },
  variants: [
    { id: '60 MB', hold: 'nothing', goals: { time: [atMost(0.2), notBehindBun.time] }, chart: 'spawn() blocks the event loop, 60 MB' },
    { id: '60 MB, streams used', hold: 'nothing', looks: true, goals: { time: [notBehindBun.time] } },
    {
      id: '1 GiB of Buffers', hold: 'buffers',
      goals: { time: [atMost(0.015), notBehindBun.time] }, chart: '… with 1 GiB of Buffers',
    },
    {
      id: '1 GiB of JS heap', hold: 'heap', bigHeap: true,
      goals: { time: [notBehindBun.time] }, chart: '… with 1 GiB of JS heap',
    },
  ],

  /** @param {any} task */
  prepare({ cp, quick, variant: { hold, looks } }) {
    const held = HOLD[hold]();
    const once = async () => {
      const start = now();
      const child = cp.spawn('/bin/true', { stdio: 'pipe' });
      if (looks) void [child.stdin, child.stdout, child.stderr];
      const overriddenDuration = now() - start;
      await next(child, 'close');
      return { overriddenDuration };
    };
    const iterations = quick ? 20 : 60;
    return {
      round: async () => ({ time: (await latencies(once, iterations)).map((ms) => ms * 1000) }),
      close: () => held,
    };
  },
};
