'use strict';

// execFile() and exec() of echo.

const { atLeast, notBehindBun } = require('../lib/goals.js');
const { batch, rate } = require('../lib/sampling.js');

/** @type {Record<string, (cp: any, callback: Function) => void>} */
const METHODS = {
  execFile: (cp, callback) => cp.execFile('/bin/echo', ['hello'], callback),
  exec: (cp, callback) => cp.exec('echo hello', callback),
};

const notBehind = { rate: [notBehindBun.rate] };

module.exports = {
  title: 'execFile() and exec() of echo',
  metrics: { rate: { unit: '/s' } },
  variants: [
    { id: 'execFile, sequential', method: 'execFile', atOnce: 1, goals: notBehind, chart: 'execFile()' },
    {
      id: 'execFile, 8 at once', method: 'execFile', atOnce: 8,
      goals: { rate: [atLeast(2.5), notBehindBun.rate] }, chart: 'execFile(), 8 at once',
    },
    { id: 'exec, sequential', method: 'exec', atOnce: 1, goals: notBehind },
    { id: 'exec, 8 at once', method: 'exec', atOnce: 8, goals: notBehind },
  ],

  /** @param {any} task */
  prepare({ cp, quick, variant: { atOnce, method } }) {
    const once = () => new Promise((resolve, reject) => {
      METHODS[method](cp, (/** @type {any} */ error, /** @type {string} */ stdout) => {
        if (error) reject(error);
        else if (stdout !== 'hello\n') reject(new Error(`unexpected output: ${stdout}`));
        else resolve(undefined);
      });
    });
    const count = quick ? 40 : 200;
    return { round: async () => ({ rate: await rate(count, () => batch(once, count, atOnce)) }) };
  },
};
