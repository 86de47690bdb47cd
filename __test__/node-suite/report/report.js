'use strict';

const fs = require('node:fs');
const { table } = require('./table.js');
const { KINDS } = require('../runner/verdict.js');

/**
 * @typedef {import('../runner/run-all.js').Result} Result
 * @typedef {import('../runner/run-all.js').Setting} Setting
 */

/**
 * Prints the tables and the closing line, writes what was asked for.
 *
 * @param {Result[]} results
 * @param {Setting} setting
 * @returns {number} the exit code
 */
function report(results, setting) {
  const counts = countKinds(results);
  const sections = [summary(counts, setting), listing(results), strays(results), fallbacks(results)];
  const text = sections.filter(Boolean).join('\n\n');
  const details = results.filter(({ verdict }) => verdict.kind === 'fail').map(detail).join('\n');
  const closing = closingLine(counts);
  if (setting.markdown !== undefined) fs.writeFileSync(setting.markdown, `${text}\n\n${closing}\n`);
  if (setting.json !== undefined) fs.writeFileSync(setting.json, toJson(results, counts, setting));
  process.stdout.write(`${details && `${details}\n`}${text}\n\n${closing}\n`);
  return counts.fail > 0 ? 1 : 0;
}

/**
 * @param {Result[]} results
 * @returns {Record<import('../runner/verdict.js').Kind, number>}
 */
function countKinds(results) {
  const counts = { pass: 0, flaky: 0, unlike: 0, fail: 0, both: 0, skip: 0 };
  for (const { verdict } of results) counts[verdict.kind]++;
  return counts;
}

/**
 * @param {ReturnType<typeof countKinds>} counts
 * @param {Setting} setting
 */
function summary(counts, { sets, node, tree, worker }) {
  return table(
    ['Set', 'Node', 'Tests of', 'Passed', 'of these flaky', 'Failed', 'Fail with the built-in too', 'Skip themselves'],
    [[sets.join(' + ') + (worker ? ' in workers' : ''), node.version, tree.version ?? '?',
      counts.pass + counts.flaky + counts.unlike, counts.flaky,
      counts.fail, counts.both, counts.skip]],
  );
}

/** @param {Result[]} results */
function listing(results) {
  const kinds = Object.keys(KINDS);
  const rows = results.filter(({ verdict }) => verdict.kind !== 'pass')
    .sort((a, b) => kinds.indexOf(a.verdict.kind) - kinds.indexOf(b.verdict.kind))
    .map(({ test, verdict }) => [test.name, KINDS[verdict.kind].text, verdict.reason.slice(0, 160)]);
  return rows.length > 0 ? table(['Test', 'Verdict', 'Reason'], rows) : '';
}

/**
 * Tests that leave processes behind with this package but not with the built-in module.
 *
 * @param {Result[]} results
 */
function strays(results) {
  const rows = results.filter(({ verdict }) => verdict.kind !== 'both')
    .filter(({ builtin, ours }) => ours.leftovers > 0 && builtin.leftovers === 0)
    .map(({ test, builtin, ours }) => [test.name, ours.leftovers, builtin.leftovers]);
  return rows.length > 0 ? table(['Test', 'Processes left behind', 'with the built-in'], rows) : '';
}

/**
 * Tests that say less about this package than their verdict: it fell back in at least one of their processes.
 *
 * @param {Result[]} results
 */
function fallbacks(results) {
  const names = results.filter(({ ours }) => ours.fellBack).map(({ test }) => test.name);
  return names.length > 0 ? `The package fell back to the built-in module in: ${names.join(', ')}` : '';
}

/** @param {Result} result */
function detail({ test, ours }) {
  const lines = ours.output.trimEnd().split('\n').slice(-25).map((line) => `    ${line}`).join('\n');
  return `--- ${test.name}: failed ${ours.failures} of ${ours.tries} times\n${lines}\n`;
}

/** @param {ReturnType<typeof countKinds>} counts */
function closingLine(counts) {
  const sums = { passed: 0, failed: 0, skipped: 0 };
  for (const kind of /** @type {import('../runner/verdict.js').Kind[]} */ (Object.keys(counts))) {
    sums[KINDS[kind].counts] += counts[kind];
  }
  return `${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`;
}

/**
 * @param {Result[]} results
 * @param {ReturnType<typeof countKinds>} counts
 * @param {Setting} setting
 */
function toJson(results, counts, { sets, node, tree, worker }) {
  const tests = results.map(({ test, verdict, builtin, ours }) => ({ name: test.name, ...verdict, builtin, ours }));
  const all = { sets, worker, node: node.version, backend: node.backend, tree: tree.version, counts, tests };
  return `${JSON.stringify(all, null, 2)}\n`;
}

module.exports = { report, countKinds, closingLine };
