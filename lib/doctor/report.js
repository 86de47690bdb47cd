'use strict';

const util = require('node:util');

/**
 * What the words of the engine mean.
 * @type {Record<string, string>}
 */
const meanings = {
  native: 'the Rust engine',
  node: 'the built-in node:child_process',
  vfork: 'clone() with shared memory, no copy of page tables',
  fork: 'clone() with a copy of the memory',
  pidfd: 'a descriptor for each child, from clone()',
  pidfd_open: 'a descriptor for each child, from pidfd_open()',
  thread: 'a thread for each child',
};

/**
 * @param {Awaited<ReturnType<typeof import('.').examine>>} examination
 * @param {boolean} colour
 * @returns {string} the report for people
 */
function report({ facts, checks, problems }, colour) {
  const paint = painter(colour);
  const rows = Object.entries(facts).filter(([, value]) => value !== undefined);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    paint('bold', 'rs-child-process doctor'),
    '',
    ...rows.map(([name, value]) => `  ${paint('dim', name.padEnd(width))}  ${explained(value)}`),
    '',
    ...checks.map(({ name, ok, detail, ms }) => {
      const mark = ok ? paint('green', '✓') : paint('red', '✗');
      return `  ${mark} ${name.padEnd(width)} ${detail}  ${paint('dim', `${ms.toFixed(1)} ms`)}`;
    }),
    '',
    ...(problems.length
      ? problems.map((problem) => `${paint('red', '✗')} ${problem}`)
      : [paint('green', 'Everything works.')]),
    '',
  ].join('\n');
}

/** @param {string | undefined} value */
function explained(value) {
  return value !== undefined && Object.hasOwn(meanings, value) ? `${value}: ${meanings[value]}` : value;
}

/** @param {boolean} colour */
function painter(colour) {
  // styleText came with Node 20.12
  if (!colour || typeof util.styleText !== 'function') return (/** @type {string} */ _style, /** @type {string} */ text) => text;
  return (/** @type {any} */ style, /** @type {string} */ text) => util.styleText(style, text);
}

module.exports = { report };
