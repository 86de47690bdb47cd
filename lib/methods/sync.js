'use strict';

const debug = require('node:util').debuglog('child_process');
const { MAX_BUFFER } = require('./exec.js');
const { native } = require('../backend.js');
const { codes, genericError, startException } = require('../errors.js');
const { toCommand } = require('../options/command.js');
const { normalizeExecArguments, normalizeExecFileArguments } = require('../options/exec-options.js');
const { checkPermission } = require('../options/permission.js');
const { syncOutputUndefined } = require('../options/running-node.js');
const { SIGTERM, toSignalName, validateKillSignal } = require('../options/signals.js');
const { normalizeSpawnOptions } = require('../options/spawn-options.js');
const { validateMaxBuffer, validateTimeout } = require('../options/validate.js');
const { getValidStdio, toDescriptors } = require('../stdio/plan.js');

/** @typedef {Record<string, any>} Options */

/**
 * What goes to the child's stdin, as bytes.
 * @param {any} input
 * @param {number} i
 * @param {BufferEncoding} [encoding]
 */
function toBytes(input, i, encoding) {
  if (typeof input === 'string') return Buffer.from(input, encoding);
  if (ArrayBuffer.isView(input)) return input;
  throw new codes.ERR_INVALID_ARG_TYPE(
    `options.stdio[${i}]`, ['Buffer', 'TypedArray', 'DataView', 'string'], input);
}

/**
 * The engine takes Uint8Arrays; other views are seen as the bytes they cover.
 * @param {any} view
 */
function toUint8Array(view) {
  return view instanceof Uint8Array ? view : view && new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/**
 * Runs a process to its end, with normalised options.
 * @param {Options} options
 * @returns {any} what spawnSync() returns
 */
function run(options) {
  checkPermission(options.file);
  const syscall = `spawnSync ${options.file}`;
  const outcome = native.spawnSync({
    ...toCommand(options, toDescriptors(options.stdio, syscall)),
    // Only stdin is an input; what would be given for another descriptor goes nowhere in Node too.
    input: options.stdio.map((/** @type {any} */ slot, /** @type {number} */ i) => (i === 0 ? toUint8Array(slot.input) : undefined)),
    timeout: options.timeout ?? 0,
    maxBuffer: options.maxBuffer || Infinity,
    killSignal: options.killSignal ?? SIGTERM,
  });
  return toResult(outcome, options, syscall);
}

/**
 * The result in Node's order of keys: it is printed, and copied onto errors.
 * @param {any} outcome of the engine
 * @param {Options} options
 * @param {string} syscall
 */
function toResult({ error, output, pid, signal, status, step }, options, syscall) {
  /** @type {any} */
  const result = error === 0 ? {} : { error: undefined };
  Object.assign(result, { status, signal: signal === 0 ? null : toSignalName(signal), output, pid });
  if (output && options.encoding && options.encoding !== 'buffer') {
    result.output = output.map((/** @type {Buffer | null} */ bytes) => bytes && bytes.toString(options.encoding));
  }
  const none = syncOutputUndefined ? undefined : null;
  result.stdout = output ? result.output[1] : none;
  result.stderr = output ? result.output[2] : none;
  if (error !== 0) result.error = startException(error, syscall, options.file, options.args, step);
  return result;
}

/** What spawnSync() calls; an object, so that Node's own tests can put theirs in place. */
const internals = { run };

/**
 * Runs a process to its end.
 * @param {any} file
 * @param {any} [args]
 * @param {any} [options]
 * @returns {any}
 */
function spawnSync(file, args, options) {
  const settings = normalizeSpawnOptions(file, args, options);
  if (!('maxBuffer' in settings)) settings.maxBuffer = MAX_BUFFER;
  debug('spawnSync', settings);
  validateTimeout(settings.timeout);
  validateMaxBuffer(settings.maxBuffer);
  settings.killSignal = validateKillSignal(settings.killSignal);
  settings.stdio = getValidStdio(settings.stdio || 'pipe', true).stdio;
  if (settings.input) settings.stdio[0].input = settings.input;
  for (const [i, slot] of settings.stdio.entries()) {
    if (slot.input != null) slot.input = toBytes(slot.input, i, settings.encoding);
  }
  return internals.run(settings);
}

/**
 * What execSync() and execFileSync() do with a result: stderr is shown unless it goes elsewhere,
 * and a failure is thrown with the result on it.
 * @param {any} result
 * @param {string} command
 * @param {boolean} showsStderr
 */
function toOutput(result, command, showsStderr) {
  if (showsStderr && result.stderr) process.stderr.write(result.stderr);
  if (result.error) throw Object.assign(result.error, result);
  if (result.status !== 0) {
    const details = result.stderr?.length > 0 ? `\n${result.stderr.toString()}` : '';
    throw genericError(`Command failed: ${command}${details}`, result);
  }
  return result.stdout;
}

/**
 * Runs a file to its end and returns its output.
 * @param {any} file
 * @param {any} [args]
 * @param {any} [options]
 * @returns {any}
 */
function execFileSync(file, args, options) {
  ({ file, args, options } = normalizeExecFileArguments(file, args, options));
  const result = spawnSync(file, args, options);
  return toOutput(result, [options.argv0 || file, ...args].join(' '), !options.stdio);
}

/**
 * Runs a command in a shell to its end and returns its output.
 * @param {any} command
 * @param {any} [options]
 * @returns {any}
 */
function execSync(command, options) {
  const { file, options: settings } = normalizeExecArguments(command, options, null);
  return toOutput(spawnSync(file, settings), command, !settings.stdio);
}

module.exports = { execFileSync, execSync, internals, spawnSync };
