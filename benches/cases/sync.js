'use strict';

// spawnSync() and execSync() of a command that does nothing.

const { atLeast, notBehindBun, ofFloor } = require('../lib/goals.js');
const { rate } = require('../lib/sampling.js');

/** @type {Record<string, (cp: any) => void>} */
const METHODS = {
  spawnSync: (cp) => {
    const { error, status } = cp.spawnSync('/bin/true');
    if (status !== 0) throw error ?? new Error(`status ${status}`);
  },
  execSync: (cp) => cp.execSync('true'),
};

module.exports = {
  title: 'spawnSync() and execSync()',
  metrics: { rate: { unit: '/s' } },
  variants: [
    {
      id: 'spawnSync', method: 'spawnSync',
      goals: { rate: [atLeast(2), ofFloor(0.85), notBehindBun.rate] }, chart: 'spawnSync()',
    },
    { id: 'execSync', method: 'execSync', goals: { rate: [notBehindBun.rate] }, chart: 'execSync()' },
  ],

  /** @param {any} task */
  prepare({ cp, quick, variant: { method } }) {
    const count = quick ? 40 : 200;
    const many = () => {
      for (let i = 0; i < count; i++) METHODS[method](cp);
    };
    return { round: async () => ({ rate: await rate(count, many) }) };
  },
};
