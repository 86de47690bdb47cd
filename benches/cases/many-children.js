'use strict';

// What a spawn and its exit cost the JavaScript thread while other children are alive.

const { next } = require('../lib/events.js');
const { itselfAtMost } = require('../lib/goals.js');
const { batch, mainThreadCpu } = require('../lib/sampling.js');

module.exports = {
  title: 'CPU of the JavaScript thread per spawn and exit',
  metrics: {
    none: { unit: 'µs, no others' },
    some: { unit: 'µs, 500 others' },
    many: { unit: 'µs, 2,000 others' },
    growth: { unit: '× from 0 to 2,000', own: true },
  },
  variants: [{
    id: 'other children alive', rounds: 5, goals: { growth: [itselfAtMost(1.1)] },
    chart: { many: 'CPU of a spawn, 2,000 children alive' },
  }],

  /** @param {any} task */
  prepare({ cp, quick }) {
    const count = quick ? 60 : 200;
    /** @type {any[]} */
    const others = [];
    const once = () => next(cp.spawn('/bin/true', { stdio: 'ignore' }), 'exit');
    const cost = async () => {
      const before = mainThreadCpu();
      await batch(once, count, 1);
      return (mainThreadCpu() - before) / count;
    };
    /** @param {number} number */
    const grow = async (number) => {
      const spawned = () => {
        const child = cp.spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
        others.push(child);
        return next(child, 'spawn');
      };
      await batch(spawned, number - others.length, 8);
    };
    const clear = async () => {
      const exits = others.map((child) => next(child, 'exit'));
      for (const child of others.splice(0)) child.kill('SIGKILL');
      await Promise.all(exits);
    };
    return {
      round: async () => {
        const none = await cost();
        await grow(500);
        const some = await cost();
        await grow(2000);
        const many = await cost();
        await clear();
        return { none: [none], some: [some], many: [many], growth: [many / none] };
      },
    };
  },
};
