'use strict';

// The worker's side of measuring: what a case times its work with.

const { readFileSync } = require('node:fs');

/** @returns {number} milliseconds; unlike performance.now() with full resolution in every runtime */
function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Times an operation a number of times.
 * @param {() => unknown} operation may return `{ overriddenDuration }` to have counted what it has timed itself
 * @param {number} iterations
 * @returns {Promise<number[]>} milliseconds
 */
async function latencies(operation, iterations) {
  const { Bench } = await import('tinybench');
  const bench = new Bench({ iterations, time: 0, warmup: false, retainSamples: true, throws: true, now });
  // Told that it is asynchronous, tinybench does not call it once more to find out.
  bench.add('operation', operation, { async: true });
  const [task] = await bench.run();
  return [.../** @type {any} */ (task.result).latency.samples];
}

/**
 * Does an operation many times, some at once.
 * @param {() => Promise<unknown>} operation
 * @param {number} count
 * @param {number} atOnce
 */
async function batch(operation, count, atOnce) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await operation();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/**
 * Times a piece of work and says how many units of it were done in a second.
 * @param {number} units
 * @param {() => unknown} work
 * @returns {Promise<number[]>}
 */
async function rate(units, work) {
  return (await latencies(work, 1)).map((ms) => units / ms * 1000);
}

/** @returns {number} microseconds of CPU that this process has used, all its threads together */
function processCpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * The first thread of a process is the one that JavaScript runs on, in each of the runtimes.
 * @returns {number} microseconds of CPU that it has used
 */
function mainThreadCpu() {
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1000;
}

module.exports = { batch, latencies, mainThreadCpu, now, processCpu, rate };
