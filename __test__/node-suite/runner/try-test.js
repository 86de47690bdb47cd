'use strict';

const { runOnce } = require('./run-once.js');

/**
 * @typedef {import('./run-once.js').Outcome & { failures: number, tries: number }} Run
 *   the last outcome, and how many of the tries failed
 */

/**
 * Runs a test until it does not fail, or has failed once more than `retries` times.
 *
 * @param {import('../tests/sets.js').Test} test
 * @param {import('./run-once.js').Subject} subject
 * @param {number} retries
 * @param {Parameters<typeof runOnce>[2]} options
 * @returns {Promise<Run>}
 */
async function tryTest(test, subject, retries, options) {
  let failures = 0;
  for (let tries = 1; ; tries++) {
    const outcome = await runOnce(test, subject, options);
    if (outcome.status !== 'fail') return { ...outcome, failures, tries };
    failures++;
    if (tries > retries) return { ...outcome, failures, tries };
  }
}

module.exports = { tryTest };
