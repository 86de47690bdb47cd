'use strict';

const fs = require('node:fs');
const path = require('node:path');

const DIR = path.join(__dirname, '..', 'cases');

/**
 * @typedef {object} Run one process of a case
 * @property {string} [name] for remarks
 * @property {any} [argument] context.argument
 * @property {string[]} [prefix] what the process is started by: a wrapper that sets limits
 * @property {string[]} [execArgv] flags of Node
 * @property {Record<string, string>} [env]
 * @property {boolean} [packageOnly] the built-in has no such switch
 */

/**
 * @typedef {object} Case
 * @property {string} file
 * @property {string} fault the number in the plan, or 'input'
 * @property {string} title
 * @property {string[]} [needs] tools without which it is skipped; 'cc' is a C compiler, 'root' the superuser
 * @property {string} [needsModule] a file of the package without which it is skipped
 * @property {string} [packageOnly] why the built-in is not run beside
 * @property {string} [longOnly] why it is no part of the short form
 * @property {number} [seconds] how long one process may take in the short form
 * @property {number} [secondsLong]
 * @property {boolean} [warm] false: the process starts with nothing started before
 * @property {(options: import('./cli.js').Options) => Run[]} [runs]
 * @property {(context: import('../process/context.js').Context) => Promise<void>} run
 */

/**
 * The cases in the order of their files.
 * @param {string[]} filters
 * @returns {Case[]}
 */
function listCases(filters) {
  return fs.readdirSync(DIR)
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => ({ ...require(path.join(DIR, name)), file: path.join(DIR, name) }))
    .filter(({ file, title }) => filters.length === 0 ||
      filters.some((text) => path.basename(file).includes(text) || title.includes(text)));
}

module.exports = { listCases };
