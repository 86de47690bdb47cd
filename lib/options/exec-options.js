'use strict';

const { bare } = require('./bare.js');
const { validateFunction, validateNoNull, validateObject, validateString } = require('./validate.js');

/** @typedef {{ file: any, args: any[], options: Record<string, any>, callback: Function | undefined }} ExecArguments */

/**
 * The arguments of exec() and execSync(), as those of execFile() with a shell.
 * @param {any} command
 * @param {any} options
 * @param {any} callback
 */
function normalizeExecArguments(command, options, callback) {
  validateString(command, 'command');
  validateNoNull(command, 'command');
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const normalized = bare(options);
  normalized.shell = typeof normalized.shell === 'string' ? normalized.shell : true;
  return { file: command, options: normalized, callback };
}

/**
 * (file, args?, options?, callback?) of execFile() and execFileSync(), sorted out.
 * @param {any} file
 * @param {any} args
 * @param {any} options
 * @param {any} [callback]
 * @returns {ExecArguments}
 */
function normalizeExecFileArguments(file, args, options, callback) {
  if (typeof args === 'function') {
    [args, options, callback] = [null, null, args];
  } else if (args != null && typeof args === 'object' && !Array.isArray(args)) {
    [args, options, callback] = [null, args, options];
  }
  if (typeof options === 'function') {
    callback = options;
  } else if (options != null) {
    validateObject(options, 'options');
  }
  options ??= {};
  if (callback != null) validateFunction(callback, 'callback');
  if (options.argv0 != null) {
    validateString(options.argv0, 'options.argv0');
    validateNoNull(options.argv0, 'options.argv0');
  }
  return { file, args: Array.isArray(args) ? [...args] : args ?? [], options, callback };
}

module.exports = { normalizeExecArguments, normalizeExecFileArguments };
