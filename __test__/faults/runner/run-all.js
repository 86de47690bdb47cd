'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { COUNTS } = require('../process/tally.js');
const { runOne } = require('./run-one.js');

/**
 * @typedef {object} Row of the table
 * @property {string} fault
 * @property {string} title
 * @property {'package' | 'built-in'} implementation
 * @property {Record<string, number>} counts
 * @property {string[]} remarks
 * @property {string} [skipped] why
 * @property {number} seconds
 */

/**
 * Runs the cases one after the other.
 * @param {import('./cases.js').Case[]} cases
 * @param {import('./cli.js').Options} options
 * @param {object} by
 * @param {import('./tools.js').Tools} by.tools
 * @param {string} by.dir
 * @param {(row: Row) => void} by.onRow
 * @returns {Promise<Row[]>}
 */
async function runAll(cases, options, { tools, dir, onRow }) {
  const rows = [];
  for (const tested of cases) {
    for (const implementation of options.implementations) {
      const row = await runCase(tested, implementation, options, tools, dir);
      rows.push(row);
      onRow(row);
    }
  }
  return rows;
}

/**
 * @param {import('./cases.js').Case} tested
 * @param {'package' | 'built-in'} implementation
 * @param {import('./cli.js').Options} options
 * @param {import('./tools.js').Tools} tools
 * @param {string} dir
 * @returns {Promise<Row>}
 */
async function runCase(tested, implementation, options, tools, dir) {
  const { fault, title } = tested;
  const start = performance.now();
  /** @type {Row} */
  const row = { fault, title, implementation, counts: Object.fromEntries(COUNTS.map((name) => [name, 0])), remarks: [], seconds: 0 };
  row.skipped = reasonToSkip(tested, implementation, options, tools);
  if (row.skipped) return row;
  const runs = (tested.runs?.(options) ?? [{}]).filter(({ packageOnly }) => !packageOnly || implementation === 'package');
  const skips = [];
  for (const run of runs) {
    const { counts, remarks, skipped } = await runOne(tested, run, implementation, options, dir);
    for (const name of COUNTS) row.counts[name] += counts[name] ?? 0;
    row.remarks.push(...remarks.map((text) => (run.name ? `${run.name}: ${text}` : text)));
    if (skipped) skips.push(run.name ? `${run.name} skipped: ${skipped}` : skipped);
  }
  // A part that was skipped does not hide the counts of the rest.
  if (skips.length === runs.length) row.skipped = skips.join('; ');
  else row.remarks.push(...skips);
  row.seconds = (performance.now() - start) / 1000;
  return row;
}

/**
 * @param {import('./cases.js').Case} tested
 * @param {'package' | 'built-in'} implementation
 * @param {import('./cli.js').Options} options
 * @param {import('./tools.js').Tools} tools
 */
function reasonToSkip({ longOnly, needs = [], needsModule, packageOnly }, implementation, { long, packageDir }, tools) {
  if (longOnly && !long) return `long form only: ${longOnly}`;
  if (implementation === 'built-in' && packageOnly) return packageOnly;
  if (implementation === 'package' && needsModule && !fs.existsSync(path.join(packageDir, needsModule))) return `no ${needsModule} yet`;
  for (const name of needs) {
    const reason = tools.missing(name);
    if (reason) return reason;
  }
  return undefined;
}

module.exports = { runAll };
