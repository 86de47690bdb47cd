'use strict';

const { resolve } = require('node:path');
const { parseArgs } = require('node:util');

const USAGE = `npm run bench -- [options]

  --quick          small amounts, three rounds: under two minutes
  --case RE        only the measurements whose name matches
  --rounds N       how often the runtimes take turns (12, with --quick 3)
  --node PATH      also node:child_process of another Node; may be repeated
  --ours-on PATH   also this package on another Node; may be repeated
  --package DIR    where this package is (the checkout); repeated: also another copy of it, to compare
  --bun PATH, --deno PATH   default: found in node_modules/.bin or on PATH
  --without KEY    leave out a runtime (bun, deno, floor, …); may be repeated
  --json           print the results as JSON instead of a table
  --out FILE       where the results go; the chart goes beside them (benches/results.json,
                   for a complete run only)
  --list           print the names of the measurements
`;

const root = resolve(__dirname, '../..');

/** @param {string[]} args of the command line */
function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      'quick': { type: 'boolean', default: false },
      'case': { type: 'string' },
      'rounds': { type: 'string' },
      'node': { type: 'string', multiple: true, default: [] },
      'ours-on': { type: 'string', multiple: true, default: [] },
      'package': { type: 'string', multiple: true, default: [root] },
      'bun': { type: 'string' },
      'deno': { type: 'string' },
      'without': { type: 'string', multiple: true, default: [] },
      'json': { type: 'boolean', default: false },
      'out': { type: 'string' },
      'list': { type: 'boolean', default: false },
      'help': { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    filter: new RegExp(values.case ?? '', 'i'),
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
    out: values.out ?? (values.case === undefined && values.package.length === 1 ? resolve(root, 'benches/results.json') : undefined),
  };
}

module.exports = { USAGE, readOptions, root };
