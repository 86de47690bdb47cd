'use strict';

const os = require('node:os');
const { describe, judge } = require('./goals.js');
const { ratio, summarize } = require('./statistics.js');

/**
 * What is worth keeping of one metric of one measurement.
 * @param {any} bench
 * @param {any} variant
 * @param {string} metric
 * @param {import('./measure.js').Outcome} outcome
 * @param {Record<string, string>} labels
 */
function resultOf(bench, variant, metric, { failures, figures }, labels) {
  const { own = false, unit } = bench.metrics[metric];
  const rounds = Object.fromEntries(Object.entries(figures).map(([key, metrics]) => [key, metrics[metric]]));
  const runtimes = Object.fromEntries(Object.entries(rounds).map(([key, values]) => [key, {
    ...summarize(values.filter((value) => value !== undefined)),
    toBuiltin: own || !rounds.builtin ? undefined : ratio(values, rounds.builtin),
    rounds: values,
  }]));
  const goals = (variant.goals[metric] ?? []).map((/** @type {import('./goals.js').Goal} */ goal) => {
    const measured = goal.than === undefined ? runtimes.ours : ratio(rounds.ours ?? [], rounds[goal.than] ?? []);
    return { text: describe(goal, labels), ...goal, value: measured?.median, verdict: judge(goal, measured) };
  });
  const chart = typeof variant.chart === 'object' ? variant.chart[metric] : metric === Object.keys(bench.metrics)[0] ? variant.chart : undefined;
  return { case: bench.name, title: bench.title, variant: variant.id, metric, unit, isRate: metric === 'rate', own, chart, runtimes, goals, failures };
}

/**
 * @param {{ bench: any, variant: any, outcome: import('./measure.js').Outcome }[]} measured
 * @param {import('./runtimes.js').Runtime[]} runtimes
 * @param {{ load: number, quick: boolean, started: Date }} run
 */
function toResults(measured, runtimes, { load, quick, started }) {
  const labels = Object.fromEntries(runtimes.map(({ key, label }) => [key, key === 'ours' ? label : label.split(' ')[0]]));
  return {
    date: started.toISOString(),
    seconds: Math.round((Date.now() - started.getTime()) / 1000),
    quick,
    machine: {
      cpu: os.cpus()[0]?.model ?? os.arch(),
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
      kernel: `${os.type()} ${os.release().split('-')[0]}`,
      load,
    },
    runtimes: runtimes.map(({ key, label, version }) => ({ key, label, version })),
    results: measured.flatMap(({ bench, variant, outcome }) =>
      Object.keys(bench.metrics).map((metric) => resultOf(bench, variant, metric, outcome, labels))),
  };
}

module.exports = { toResults };
