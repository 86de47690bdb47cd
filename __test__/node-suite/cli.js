'use strict';

const { parseArgs } = require('node:util');
const { SETS } = require('./tests/sets.js');

const HELP = `Usage: node __test__/node-suite/run.js [options]

  --set NAME        ${Object.keys(SETS).join(' | ')} (default: child-process; may be repeated)
  --node PATH       run the tests with this Node binary (default: the one running this script)
  --jobs N          tests of parallel/ at a time (default: 2)
  --filter RE       only tests whose name matches, e.g. 'parallel/test-child-process-exec'
  --timeout SECONDS limit of one run of one test (default: 60)
  --retries N       how often a failure is tried again (default: 2)
  --json FILE       write every result, with outputs, to FILE
  --markdown FILE   write the tables to FILE
  --worker          run each test in a worker thread
  --builtin         run with the built-in module only, ignoring what was remembered of earlier runs
  --tag TAG         take the tests of this Node version (default: v of the running Node)
  --list            print the names of the tests and stop
  --help            this text

NODE_SUITE=dir names the test/ folder of a Node source tree, or the tree itself.
The exit code is 1 if a test that passes with the built-in module fails with this package.
`;

/**
 * @typedef {object} Options
 * @property {string[]} sets
 * @property {string | undefined} node
 * @property {number} jobs
 * @property {RegExp | undefined} filter
 * @property {number} timeout milliseconds
 * @property {number} retries
 * @property {string | undefined} json
 * @property {string | undefined} markdown
 * @property {boolean} worker
 * @property {boolean} builtin
 * @property {string | undefined} tag
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
      set: { type: 'string', multiple: true, default: ['child-process'] },
      node: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      filter: { type: 'string' },
      timeout: { type: 'string', default: '60' },
      retries: { type: 'string', default: '2' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      worker: { type: 'boolean', default: false },
      builtin: { type: 'boolean', default: false },
      tag: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const sets = values.set ?? [];
  const unknown = sets.find((name) => !Object.hasOwn(SETS, name));
  if (unknown !== undefined) throw new Error(`unknown set '${unknown}': use ${Object.keys(SETS).join(', ')}`);
  return {
    sets,
    node: values.node,
    jobs: number('jobs', values.jobs, 1),
    filter: values.filter === undefined ? undefined : new RegExp(values.filter),
    timeout: number('timeout', values.timeout, 1) * 1000,
    retries: number('retries', values.retries, 0),
    json: values.json,
    markdown: values.markdown,
    worker: values.worker === true,
    builtin: values.builtin === true,
    tag: values.tag,
    list: values.list === true,
    help: values.help === true,
  };
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {number} least
 */
function number(name, text, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name} takes a whole number from ${least} on, not '${text}'`);
  }
  return value;
}

module.exports = { parseCommandLine, HELP };
