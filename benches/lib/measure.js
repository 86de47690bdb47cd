'use strict';

const { WorkerProcess } = require('./worker-process.js');
const { median } = require('./statistics.js');

/** @typedef {import('./runtimes.js').Runtime} Runtime */
/**
 * What one measurement has brought: for each runtime a figure per metric and round, or why there is none.
 * @typedef {{ figures: Record<string, Record<string, (number | undefined)[]>>, failures: Record<string, string> }} Outcome
 */

/**
 * Lets the runtimes do the same work in turn, A B C A B C, after one round each that does not count.
 * @param {any} of
 * @param {any} of.bench
 * @param {any} of.variant
 * @param {Runtime[]} of.runtimes
 * @param {number} of.rounds
 * @param {boolean} of.quick
 * @param {(runtime: Runtime, round: number) => void} of.onTurn
 * @returns {Promise<Outcome>}
 */
async function measure({ bench, variant, runtimes, rounds, quick, onTurn }) {
  /** @type {Outcome} */
  const outcome = { figures: {}, failures: {} };
  /** @type {Map<Runtime, WorkerProcess>} */
  const workers = new Map();
  /**
   * @param {Runtime} runtime
   * @param {(worker: WorkerProcess) => Promise<void>} turn
   */
  const attempt = async (runtime, turn) => {
    const worker = /** @type {WorkerProcess} */ (workers.get(runtime));
    try {
      await turn(worker);
    } catch (error) {
      outcome.failures[runtime.key] = /** @type {Error} */ (error).message;
      delete outcome.figures[runtime.key];
      workers.delete(runtime);
      worker.kill();
    }
  };
  for (const runtime of runtimes) {
    const excluded = variant.without?.[runtime.key];
    if (excluded !== undefined) {
      outcome.failures[runtime.key] = excluded;
      continue;
    }
    onTurn(runtime, 0);
    workers.set(runtime, new WorkerProcess(runtime, { case: bench.name, node: process.execPath, quick, variant }));
    await attempt(runtime, async (worker) => {
      await worker.ready();
      await worker.round();
      outcome.figures[runtime.key] = Object.fromEntries(Object.keys(bench.metrics).map((metric) => [metric, []]));
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const runtime of [...workers.keys()]) {
      onTurn(runtime, round + 1);
      await attempt(runtime, async (worker) => {
        for (const [metric, samples] of Object.entries(await worker.round())) {
          outcome.figures[runtime.key][metric][round] = median(samples);
        }
      });
    }
  }
  await Promise.all([...workers.values()].map((worker) => worker.close()));
  return outcome;
}

module.exports = { measure };
