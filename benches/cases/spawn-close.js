'use strict';

// From spawn() to 'close' of a child that does nothing.

const { next } = require('../lib/events.js');
const { atLeast, notBehindBun, ofFloor } = require('../lib/goals.js');
const { batch, rate } = require('../lib/sampling.js');

const many = { rate: [atLeast(2.5), ofFloor(0.85), notBehindBun.rate] };
const single = { rate: [notBehindBun.rate] };

module.exports = {
  title: 'spawn() to \'close\'',
  metrics: { rate: { unit: '/s' } },
  variants: [
    { id: 'pipes, sequential', stdio: 'pipe', atOnce: 1, goals: single, chart: 'spawn() to close' },
    { id: 'pipes, 8 at once', stdio: 'pipe', atOnce: 8, goals: many, chart: 'spawn() to close, 8 at once' },
    { id: 'ignore, sequential', stdio: 'ignore', atOnce: 1, goals: single },
    { id: 'ignore, 8 at once', stdio: 'ignore', atOnce: 8, goals: many },
  ],

  /** @param {any} task */
  prepare({ cp, quick, variant: { atOnce, stdio } }) {
    const once = () => next(cp.spawn('/bin/true', { stdio }), 'close');
    const count = quick ? 40 : 200;
    return { round: async () => ({ rate: await rate(count, () => batch(once, count, atOnce)) }) };
  },
};
