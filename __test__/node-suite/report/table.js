'use strict';

/**
 * A Markdown table whose columns also line up in a terminal.
 *
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => String(cell).replace(/\|/g, '\\|').replace(/\s+/g, ' ')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`.replace(/ +\|$/, ' |');
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

module.exports = { table };
