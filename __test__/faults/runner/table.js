'use strict';

const { COUNTS } = require('../process/tally.js');

/** @typedef {import('./run-all.js').Row} Row */

const HEADINGS = {
  injected: 'injected', exits: 'exits lost', bytes: 'bytes lost', descriptors: 'descriptors leaked',
  zombies: 'zombies', hangs: 'hangs', crashes: 'crashes', wrong: 'wrong answers',
};

/** Whether everything that must be zero is. @param {Row} row */
function isClean({ counts }) {
  return COUNTS.every((name) => name === 'injected' || counts[name] === 0);
}

/**
 * 'passed' needs at least one injected fault: a case that did nothing has shown nothing.
 * @param {Row} row
 * @returns {'passed' | 'failed' | 'skipped'}
 */
function verdict(row) {
  if (!isClean(row)) return 'failed';
  if (row.skipped) return 'skipped';
  return row.counts.injected > 0 ? 'passed' : 'failed';
}

/** @param {Row} row */
function cells(row) {
  const { counts, fault, implementation, skipped, title } = row;
  const numbers = verdict(row) === 'skipped' ? COUNTS.map(() => '–') : COUNTS.map((name) => String(counts[name]));
  return [`${fault} ${title}`, implementation, ...numbers, skipped && verdict(row) === 'skipped' ? `skipped: ${skipped}` : ''];
}

/**
 * @param {Row[]} rows
 * @returns {string}
 */
function toText(rows) {
  const heading = ['fault', 'of', ...COUNTS.map((name) => HEADINGS[name]), ''];
  const lines = [heading, ...rows.map(cells)];
  const widths = heading.map((_name, i) => (i === heading.length - 1 ? 0 : Math.max(...lines.map((line) => line[i].length))));
  return lines
    .map((line) => line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd())
    .join('\n');
}

/**
 * @param {Row[]} rows
 * @returns {string}
 */
function toMarkdown(rows) {
  const heading = ['Fault', 'Of', ...COUNTS.map((name) => HEADINGS[name]), 'Remark'];
  const line = (/** @type {string[]} */ list) => `| ${list.join(' | ')} |`;
  const rule = heading.map((_name, i) => (i < 2 || i === heading.length - 1 ? '---' : '---:'));
  return `${[heading, rule, ...rows.map(cells)].map(line).join('\n')}\n`;
}

module.exports = { isClean, toMarkdown, toText, verdict };
