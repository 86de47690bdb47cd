'use strict';

/**
 * A Markdown table whose columns also line up in a terminal.
 *
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
function table(head, rows) {
  const clean = (/** @type {string | number} */ cell) => String(cell).replace(/\|/g, '\\|').replace(/\s+/g, ' ');
  const cells = [head, ...rows].map((row) => row.map(clean));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ row) => {
    const padded = row.map((cell, column) => (column < head.length - 1 ? cell.padEnd(widths[column]) : cell));
    return `| ${padded.join(' | ')} |`;
  };
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

module.exports = { table };
