'use strict';

const fs = require('node:fs');
const { findLeftovers, killAll } = require('./leftovers.js');

/**
 * Tests that run just now, by pid. They have process groups of their own, so a Ctrl-C at the terminal does not reach
 * them: whoever ends this process ends them through here.
 *
 * @type {Map<number, string>}
 */
const active = new Map();

function endAll() {
  for (const [pid, scratch] of active) {
    killAll([pid, ...findLeftovers(pid, scratch)]);
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Makes SIGINT, SIGTERM and SIGHUP end the running tests along with this process. */
function endOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => {
      endAll();
      process.kill(process.pid, signal);
    });
  }
}

module.exports = { active, endOnSignals };
