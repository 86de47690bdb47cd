'use strict';

/**
 * @typedef {import('./try-test.js').Run} Run
 * @typedef {'pass' | 'flaky' | 'fail' | 'both' | 'skip' | 'unlike'} Kind
 *
 * @typedef {object} Verdict
 * @property {Kind} kind
 * @property {string} reason
 */

/**
 * What the kinds mean, in the order in which they are listed, and where the closing line counts them.
 *
 * @type {Record<Kind, { text: string, counts: 'passed' | 'failed' | 'skipped' }>}
 */
const KINDS = {
  fail: { text: 'fails with this package only', counts: 'failed' },
  flaky: { text: 'passed when tried again', counts: 'passed' },
  both: { text: 'fails with the built-in module as well', counts: 'skipped' },
  skip: { text: 'skips itself here', counts: 'skipped' },
  unlike: { text: 'passes with this package only', counts: 'passed' },
  pass: { text: 'passed', counts: 'passed' },
};

/**
 * One test, by how it went with the built-in module and with this package.
 *
 * @param {Run} builtin
 * @param {Run} ours
 * @param {Run | undefined} preload the built-in module beside an empty preloaded file, asked for failures only
 * @returns {Verdict}
 */
function verdictOf(builtin, ours, preload) {
  if (builtin.status === 'fail') {
    return ours.status === 'fail' ? { kind: 'both', reason: builtin.reason } : { kind: 'unlike', reason: builtin.reason };
  }
  if (ours.status === 'fail') {
    if (preload?.status === 'fail') return { kind: 'both', reason: `with anything preloaded: ${preload.reason}` };
    return { kind: 'fail', reason: ours.reason };
  }
  if (ours.status === 'skip' && builtin.status === 'pass') {
    return { kind: 'fail', reason: `skips itself with this package only: ${ours.reason}` };
  }
  if (ours.status === 'skip') return { kind: 'skip', reason: ours.reason };
  if (ours.failures > 0) return { kind: 'flaky', reason: `failed ${ours.failures} of ${ours.tries} times` };
  return { kind: 'pass', reason: '' };
}

module.exports = { verdictOf, KINDS };
