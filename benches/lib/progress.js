'use strict';

/**
 * One line that says how far the run is: rewritten on a terminal, a line per measurement elsewhere.
 * @param {number} total measurements
 */
function createProgress(total) {
  const { isTTY, columns = 80 } = process.stderr;
  const start = Date.now();
  let current = 0;
  let name = '';
  /** @param {string} text */
  const show = (text) => process.stderr.write(isTTY ? `\r\x1b[K${text.slice(0, columns - 1)}` : `${text}\n`);
  return {
    /** @param {string} of */
    measurement(of) {
      current++;
      name = of;
      if (!isTTY) show(`[${current}/${total}] ${name} (${Math.round((Date.now() - start) / 1000)} s)`);
    },
    /**
     * @param {import('./runtimes.js').Runtime} runtime
     * @param {number} round 0: the one that does not count
     * @param {number} rounds
     */
    turn(runtime, round, rounds) {
      if (isTTY) show(`[${current}/${total}] ${name} · ${round === 0 ? 'warming up' : `round ${round}/${rounds}`} · ${runtime.label}`);
    },
    done() {
      if (isTTY) process.stderr.write('\r\x1b[K');
    },
  };
}

module.exports = { createProgress };
