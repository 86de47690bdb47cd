'use strict';

const { spawn } = require('./spawn.js');
const { codes } = require('../errors.js');
const { bare } = require('../options/bare.js');
const { validateArray, validateNoNull, validateNoNulls, validateObject, validatePath } = require('../options/validate.js');
const { stdioStringToArray } = require('../stdio/plan.js');

/**
 * The flags for the child. Where they are those of this process, a `-e script` among them must go,
 * or the child would run the script instead of the module, and fork again.
 * @param {any} given options.execArgv; cluster gives process.execArgv itself
 * @returns {any}
 */
function flagsFor(given) {
  const flags = given || process.execArgv;
  const script = /** @type {any} */ (process)._eval;
  if (flags !== process.execArgv || script == null) return flags;
  const at = flags.lastIndexOf(script);
  return at > 0 ? flags.toSpliced(at - 1, 2) : flags;
}

/**
 * options.stdio with a channel in it.
 * @param {Record<string, any>} options
 * @returns {any[]}
 */
function stdioWithChannel({ silent, stdio }) {
  if (typeof stdio === 'string') return stdioStringToArray(stdio, 'ipc');
  if (!Array.isArray(stdio)) return stdioStringToArray(silent ? 'pipe' : 'inherit', 'ipc');
  if (!stdio.includes('ipc')) throw new codes.ERR_CHILD_PROCESS_IPC_REQUIRED('options.stdio');
  return stdio;
}

/**
 * Starts a Node process with a channel to it.
 * @param {any} modulePath
 * @param {any} [args]
 * @param {any} [options]
 * @returns {any} a ChildProcess
 */
function fork(modulePath, args = [], options = undefined) {
  modulePath = validatePath(modulePath, 'modulePath');
  if (args == null) {
    args = [];
  } else if (typeof args === 'object' && !Array.isArray(args)) {
    options = args;
    args = [];
  } else {
    validateArray(args, 'args');
  }
  if (options != null) validateObject(options, 'options');
  /** @type {Record<string, any>} */
  const settings = bare(options, { shell: false });
  settings.execPath ||= process.execPath;
  validateNoNull(settings.execPath, 'options.execPath');
  const execArgv = flagsFor(settings.execArgv);
  validateNoNulls(execArgv, 'options.execArgv');
  const argv = [...execArgv, modulePath, ...args];
  settings.stdio = stdioWithChannel(settings);
  return spawn(settings.execPath, argv, settings);
}

module.exports = { fork };
