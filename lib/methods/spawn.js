'use strict';

const events = require('node:events');
const debug = require('node:util').debuglog('child_process');
const { ChildProcess, isPatched } = require('../child-process.js');
const { AbortError } = require('../errors.js');
const { inheritedPairs } = require('../options/environment.js');
const { SIGTERM, validateKillSignal } = require('../options/signals.js');
const { normalizeSpawnOptions } = require('../options/spawn-options.js');
const { validateAbortSignal, validateTimeout } = require('../options/validate.js');
const { isStartTraced } = require('../tracing.js');

/** @typedef {any} Child a ChildProcess */

/**
 * @param {Child} child
 * @param {number | undefined} signal
 */
function tryKill(child, signal) {
  try {
    return child.kill(signal);
  } catch (error) {
    child.emit('error', error);
    return false;
  }
}

/**
 * Kills the child after a time: from the engine, so also while JavaScript is busy.
 * @param {Child} child
 * @param {number} ms
 * @param {number | undefined} signal
 */
function killAfter(child, ms, signal) {
  if (child.pid === undefined) return;
  if (!isPatched(child, 'kill')) {
    child._handle.setDeadline(ms, signal ?? SIGTERM);
    return;
  }
  const timer = setTimeout(tryKill, ms, child, signal);
  child.once('exit', () => clearTimeout(timer));
}

/**
 * @param {Child} child
 * @param {AbortSignal} signal
 * @param {number | undefined} killSignal
 */
function killOnAbort(child, signal, killSignal) {
  const abort = () => {
    if (tryKill(child, killSignal)) child.emit('error', new AbortError(undefined, { cause: signal.reason }));
  };
  if (signal.aborted) {
    process.nextTick(abort);
  } else {
    const listener = events.addAbortListener(signal, abort);
    child.once('exit', () => listener[Symbol.dispose]());
  }
}

/**
 * Starts a process.
 * @param {string} file
 * @param {any} [args]
 * @param {any} [options]
 * @returns {Child}
 */
function spawn(file, args, options) {
  const normalized = normalizeSpawnOptions(file, args, options);
  const { signal, timeout } = normalized;
  validateTimeout(timeout);
  validateAbortSignal(signal, 'options.signal');
  const killSignal = validateKillSignal(normalized.killSignal);
  const child = new (/** @type {any} */ (ChildProcess))();
  // Who looks at the options on their way to the engine finds the environment in them.
  if (isPatched(child, 'spawn') || isStartTraced()) normalized.envPairs ??= inheritedPairs();
  debug('spawn', normalized);
  child.spawn(normalized);
  if (timeout > 0) killAfter(child, timeout, killSignal);
  if (signal) killOnAbort(child, signal, killSignal);
  return child;
}

module.exports = { spawn };
