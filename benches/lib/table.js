'use strict';

const MARKS = { met: '✓', close: '≈', missed: '✗', unknown: '?' };

/** @param {number} value */
function number(value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3).replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros));
}

/** @param {number} value */
const times = (value) => `${value.toPrecision(value < 0.1 ? 2 : 3)} ×`;

/** @param {{ median: number, spread: number } | undefined} summary */
function figure(summary) {
  return summary ? `${number(summary.median)} ±${Math.round(summary.spread * 100)}%` : '–';
}

/**
 * @param {any} result
 * @param {string} key
 */
function ratioCell(result, key) {
  const runtime = result.runtimes[key];
  if (!runtime) return '–';
  return runtime.toBuiltin ? times(runtime.toBuiltin.median) : number(runtime.median);
}

/** @param {any} result */
function goalCell(result) {
  return result.goals.map(({ text, value, verdict }) =>
    `${MARKS[verdict]} ${text}${verdict === 'missed' || verdict === 'close' ? ` (${times(value)})` : ''}`).join(', ');
}

/**
 * @param {string[][]} rows
 * @param {number} left how many columns are aligned to the left at the start; so is the last one
 */
function align(rows, left) {
  const widths = rows[0].map((_cell, i) => Math.max(...rows.map((row) => (row.length > 1 ? row[i].length : 0))));
  return rows.map((row) => row.map((cell, i) => {
    const isLeft = row.length === 1 || i < left || i === row.length - 1;
    return isLeft ? cell.padEnd(row.length === 1 ? 0 : widths[i]) : cell.padStart(widths[i]);
  }).join('  ').trimEnd()).join('\n');
}

/**
 * The table: a figure for this package and for the built-in, ratios to the built-in for all.
 * @param {any} results
 */
function formatTable(results) {
  const others = results.runtimes.filter((/** @type {any} */ { key }) => key !== 'ours' && key !== 'builtin');
  const rows = [['', 'unit', 'ours', 'built-in', 'ours ÷ built-in', ...others.map((/** @type {any} */ { label }) => label), 'targets']];
  let title;
  for (const result of results.results) {
    if (result.title !== title) rows.push([`\n${(title = result.title)}`]);
    rows.push([
      `  ${result.variant}`, result.unit, figure(result.runtimes.ours), figure(result.runtimes.builtin), ratioCell(result, 'ours'),
      ...others.map((/** @type {any} */ { key }) => ratioCell(result, key)), goalCell(result),
    ]);
  }
  return `${align(rows, 2)}\n\n${footnotes(results)}`;
}

/**
 * Who has not done what, and why.
 * @param {any[]} results
 */
function absences(results) {
  /** @type {Map<string, { keys: Set<string>, cases: Set<string> }>} */
  const reasons = new Map();
  for (const { case: name, failures } of results) {
    for (const [key, text] of Object.entries(failures)) {
      const reason = String(text).split('\n').find((line) => /error/i.test(line)) ?? String(text);
      const known = reasons.get(reason) ?? { keys: new Set(), cases: new Set() };
      reasons.set(reason, known);
      known.keys.add(key);
      known.cases.add(name);
    }
  }
  return [...reasons].map(([reason, { cases, keys }]) => `  ${[...keys].join(', ')} in ${[...cases].join(', ')}: ${reason}`);
}

/** @param {any} results */
function footnotes({ machine, quick, results, runtimes, seconds }) {
  const node = runtimes.find((/** @type {any} */ { key }) => key === 'builtin')?.version;
  const goals = results.flatMap((/** @type {any} */ { goals: all }) => all);
  const count = (/** @type {string} */ verdict) => goals.filter((/** @type {any} */ goal) => goal.verdict === verdict).length;
  const missing = absences(results);
  return [
    `Medians over rounds, ± half the distance of the quartiles; ratios are taken within a round. Built-in: node:child_process of Node ${node}.`,
    'Columns of other runtimes are ratios to the built-in: of times less is better, of rates more.',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}; load before the run ${machine.load.toFixed(1)}; ${seconds} s${quick ? '; quick: small amounts' : ''}.`,
    `Targets: ${count('met')} met, ${count('close')} missed by less than the spread (≈), ${count('missed')} missed (✗), ${count('unknown')} not measured.`,
    ...(missing.length > 0 ? ['Not measured (–):', ...missing] : []),
  ].join('\n');
}

module.exports = { formatTable };
