'use strict';

const { endOnSignals } = require('./active.js');
const { tryTest } = require('./try-test.js');
const { memoryOf } = require('./memory.js');
const { verdictOf } = require('./verdict.js');
const { makeProgress } = require('../report/progress.js');

/**
 * @typedef {object} Result
 * @property {import('../tests/sets.js').Test} test
 * @property {import('./verdict.js').Verdict} verdict
 * @property {import('./try-test.js').Run} builtin
 * @property {import('./try-test.js').Run} ours the built-in's own when only that was run
 *
 * @typedef {Omit<import('../cli.js').Options, 'node'>
 *   & { node: import('./node-binary.js').NodeBinary, tree: import('../tree/locate.js').Tree }} Setting
 */

/**
 * @param {import('../tests/sets.js').Test[]} tests
 * @param {Setting} setting
 * @returns {Promise<Result[]>} in the order of the tests
 */
async function runAll(tests, setting) {
  const memory = memoryOf(setting.node, setting.tree, setting.worker);
  endOnSignals();
  const progress = makeProgress(tests.length);
  const one = async (/** @type {import('../tests/sets.js').Test} */ test) => {
    progress.begin(test);
    const result = await runBoth(test, memory, setting);
    progress.end(result);
    return result;
  };
  const beside = tests.filter((test) => !test.alone);
  const alone = tests.filter((test) => test.alone);
  const results = [...await pool(beside, setting.jobs, one), ...await pool(alone, 1, one)];
  progress.close();
  return results;
}

/**
 * @param {import('../tests/sets.js').Test} test
 * @param {ReturnType<typeof memoryOf>} memory
 * @param {Setting} setting
 * @returns {Promise<Result>}
 */
async function runBoth(test, memory, setting) {
  const baseline = async (/** @type {'builtin' | 'preload'} */ subject) => {
    const known = setting.builtin ? undefined : memory.recall(test, subject);
    if (known !== undefined) return known;
    const run = await tryTest(test, subject, setting.retries, setting);
    memory.remember(test, subject, run);
    return run;
  };
  const builtin = await baseline('builtin');
  if (setting.builtin) return { test, builtin, ours: builtin, verdict: verdictOf(builtin, builtin, undefined) };

  const ours = await tryTest(test, 'ours', builtin.status === 'fail' ? 0 : setting.retries, setting);
  const asksPreload = ours.status === 'fail' && builtin.status !== 'fail';
  return { test, builtin, ours, verdict: verdictOf(builtin, ours, asksPreload ? await baseline('preload') : undefined) };
}

/**
 * @template T, R
 * @param {T[]} items
 * @param {number} width
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
async function pool(items, width, work) {
  /** @type {R[]} */
  const results = new Array(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

module.exports = { runAll };
