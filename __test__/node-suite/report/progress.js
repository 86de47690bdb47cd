'use strict';

/**
 * Says how far the run is: one line that rewrites itself on a terminal, a line per test elsewhere.
 *
 * @param {number} total
 */
function makeProgress(total) {
  const out = process.stderr;
  const running = new Set();
  const counts = { done: 0, fail: 0 };

  const status = () => {
    const line = `[${counts.done}/${total}] ${counts.fail} failed  ${[...running].join('  ')}`;
    out.write(`\r\x1b[K${line.slice(0, (out.columns ?? 80) - 1)}`);
  };

  return {
    /** @param {{ name: string }} test */
    begin(test) {
      running.add(test.name);
      if (out.isTTY) status();
    },

    /** @param {import('../runner/run-all.js').Result} result */
    end({ test, verdict, ours }) {
      running.delete(test.name);
      counts.done++;
      if (verdict.kind === 'fail') counts.fail++;
      const line = `${verdict.kind.padEnd(6)} ${test.name} (${ours.ms} ms)${verdict.reason && ` ${verdict.reason}`}`;
      if (!out.isTTY) out.write(`[${counts.done}/${total}] ${line}\n`);
      else if (verdict.kind === 'fail' || verdict.kind === 'flaky') out.write(`\r\x1b[K${line}\n`);
      if (out.isTTY) status();
    },

    close() {
      if (out.isTTY) out.write('\r\x1b[K');
    },
  };
}

module.exports = { makeProgress };
