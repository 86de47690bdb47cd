'use strict';

const path = require('node:path');
const { parseArgs } = require('node:util');

const HELP = `Injects faults into this package and, beside it, into Node's own child_process, and counts what is lost.

    node __test__/faults/run.js [options]

    --long                  the long form: more of everything, the soak, the whole JS suite under each switch
    --filter TEXT           only cases whose file name or title contains TEXT (may be repeated)
    --only package|built-in only one of the two
    --package DIR           another build of the package than this checkout
    --minutes N             length of the soak in the long form (10)
    --markdown FILE         write the table as Markdown, too
    --list                  say what there is
    --help

The counts of the package decide the exit code: 0 if they are all zero, 1 if not. What cannot be
run here is skipped, with the reason.
`;

/**
 * @typedef {object} Options
 * @property {boolean} long
 * @property {string[]} filters
 * @property {('package' | 'built-in')[]} implementations
 * @property {string} packageDir
 * @property {number} minutes
 * @property {string | undefined} markdown
 * @property {boolean} list
 * @property {boolean} help
 */

/**
 * @param {string[]} args
 * @returns {Options}
 */
function parseCommandLine(args) {
  const { values } = parseArgs({
    args,
    options: {
      long: { type: 'boolean', default: false },
      filter: { type: 'string', multiple: true, default: [] },
      only: { type: 'string' },
      package: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      markdown: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const both = /** @type {const} */ (['package', 'built-in']);
  const implementations = both.filter((name) => values.only === undefined || values.only === name);
  if (implementations.length === 0) throw new Error(`--only takes 'package' or 'built-in', not '${values.only}'`);
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0, not '${values.minutes}'`);
  return {
    long: Boolean(values.long),
    filters: values.filter ?? [],
    implementations: [...implementations],
    packageDir: path.resolve(values.package ?? path.join(__dirname, '..', '..', '..')),
    minutes,
    markdown: values.markdown,
    list: Boolean(values.list),
    help: Boolean(values.help),
  };
}

module.exports = { HELP, parseCommandLine };
