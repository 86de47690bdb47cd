'use strict';

// The benchmark: the same work in each runtime, in turn, and how this package compares.
// `npm run bench -- --help` says what can be chosen; docs/performance.md says what came out.

const { writeFileSync } = require('node:fs');
const { loadavg } = require('node:os');
const { selectMeasurements } = require('./lib/cases.js');
const { drawChart } = require('./lib/chart.js');
const { measure } = require('./lib/measure.js');
const { USAGE, readOptions } = require('./lib/options.js');
const { createProgress } = require('./lib/progress.js');
const { toResults } = require('./lib/results.js');
const { findRuntimes } = require('./lib/runtimes.js');
const { formatTable } = require('./lib/table.js');

const ROUNDS = 12;
const QUICK_ROUNDS = 3;

/** @param {ReturnType<typeof readOptions>} options */
async function run(options) {
  const started = new Date();
  const load = loadavg()[0];
  const runtimes = findRuntimes(options);
  const measurements = selectMeasurements(options.filter);
  const progress = createProgress(measurements.length);
  const measured = [];
  for (const { bench, name, variant } of measurements) {
    progress.measurement(name);
    const rounds = options.rounds ?? Math.min(variant.rounds ?? ROUNDS, options.quick ? QUICK_ROUNDS : Infinity);
    const outcome = await measure({
      bench, variant, runtimes, rounds, quick: options.quick,
      onTurn: (runtime, round) => progress.turn(runtime, round, rounds),
    });
    measured.push({ bench, variant, outcome });
  }
  progress.done();
  return toResults(measured, runtimes, { quick: options.quick, load, started });
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  if (options.list) return selectMeasurements(options.filter).forEach(({ name }) => console.log(name));
  const results = await run(options);
  if (options.out) {
    writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);
    writeFileSync(options.out.replace(/(\.json)?$/, '.svg'), drawChart(results));
  }
  console.log(options.json ? JSON.stringify(results, null, 2) : formatTable(results));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
