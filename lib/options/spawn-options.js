'use strict';

const { bare } = require('./bare.js');
const { codes } = require('../errors.js');
const { environmentPairs } = require('./environment.js');
const { warnsOfShellArguments } = require('./running-node.js');
const { throughShell } = require('./shell.js');
const {
  validateBoolean,
  validateId,
  validateNoNull,
  validateNoNulls,
  validateObject,
  validatePath,
  validateShell,
  validateString,
} = require('./validate.js');

/** @typedef {Record<string, any>} Options */

/**
 * Checks what is given, in Node's order.
 * @param {Options} options
 */
function validateOptions({ argv0, detached, gid, shell, uid, windowsHide, windowsVerbatimArguments }) {
  if (detached != null) validateBoolean(detached, 'options.detached');
  if (uid != null) validateId(uid, 'options.uid');
  if (gid != null) validateId(gid, 'options.gid');
  if (shell != null) validateShell(shell, 'options.shell');
  if (argv0 != null) {
    validateString(argv0, 'options.argv0');
    validateNoNull(argv0, 'options.argv0');
  }
  if (windowsHide != null) validateBoolean(windowsHide, 'options.windowsHide');
  if (windowsVerbatimArguments != null) {
    validateBoolean(windowsVerbatimArguments, 'options.windowsVerbatimArguments');
  }
}

/**
 * Warns once per process.
 * @param {string} text
 * @param {string} code
 * @returns {() => void}
 */
function deprecation(text, code) {
  let warned = false;
  return () => {
    if (warned) return;
    warned = true;
    process.emitWarning(text, 'DeprecationWarning', code);
  };
}

const warnOfShellArguments = deprecation(
  'Passing args to a child process with shell option true can lead to security ' +
  'vulnerabilities, as the arguments are not escaped, only concatenated.', 'DEP0190');
const warnOfCustomFds = deprecation(
  'child_process: options.customFds option is deprecated. Use options.stdio instead.', 'DEP0006');

/**
 * The oldest form of options.stdio: descriptors, and -1 for a pipe.
 * @param {Options} options
 */
function mapCustomFds(options) {
  if (!Array.isArray(options.customFds) || options.stdio !== undefined) return;
  warnOfCustomFds();
  options.stdio = options.customFds.map((fd) => (fd === -1 ? 'pipe' : fd));
}

/**
 * (file, args?, options?) sorted out, the options in an object that inherits nothing.
 * @param {any} file
 * @param {any} args
 * @param {any} options
 * @returns {{ file: string, args: any[], options: Options }}
 */
function splitArguments(file, args, options) {
  validateString(file, 'file');
  validateNoNull(file, 'file');
  if (file.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('file', file, 'cannot be empty');
  if (args == null) {
    args = [];
  } else if (typeof args !== 'object') {
    throw new codes.ERR_INVALID_ARG_TYPE('args', 'object', args);
  } else if (!Array.isArray(args)) {
    options = args;
    args = [];
  }
  validateNoNulls(args, 'args');
  if (options !== undefined) validateObject(options, 'options');
  return { file, args: [...args], options: bare(options) };
}

/**
 * Checks and completes the arguments of spawn() and spawnSync(), once: nothing downstream reads
 * the caller's object.
 * @param {any} file
 * @param {any} args
 * @param {any} options
 * @returns {Options} options of ChildProcess.prototype.spawn(), under Node's names
 */
function normalizeSpawnOptions(file, args, options) {
  ({ file, args, options } = splitArguments(file, args, options));
  const cwd = options.cwd == null ? options.cwd : validatePath(options.cwd, 'options.cwd');
  validateOptions(options);
  let isVerbatim = Boolean(options.windowsVerbatimArguments);
  if (options.shell) {
    validateNoNull(options.shell, 'options.shell');
    if (args.length > 0 && warnsOfShellArguments) warnOfShellArguments();
    const command = throughShell([file, ...args].join(' '), options.shell);
    ({ file, args } = command);
    isVerbatim ||= command.isVerbatim;
  }
  args.unshift(typeof options.argv0 === 'string' ? options.argv0 : file);
  mapCustomFds(options);
  return Object.assign(options, {
    args,
    cwd,
    detached: Boolean(options.detached),
    envPairs: environmentPairs(options.env, args),
    file,
    windowsHide: Boolean(options.windowsHide),
    windowsVerbatimArguments: isVerbatim,
  });
}

module.exports = { normalizeSpawnOptions };
