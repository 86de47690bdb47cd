'use strict';

const { errno } = require('node:os').constants;
const { native } = require('./backend.js');
const { errnoException, startException } = require('./errors.js');
const { toSignalName } = require('./options/signals.js');
const { peekStream } = require('./stdio/accessors.js');
const { kLimits, kMaybeClose, kStreams } = require('./symbols.js');

/** @typedef {any} Child a ChildProcess */
/**
 * What follows when the engine has enforced a limit on a child (execFile() has its own).
 * @typedef {object} Limits
 * @property {(child: Child, error: number) => void} onDeadline the child was killed, or could not be
 * @property {(child: Child, i: number, error: number) => void} onOverflow the same; the output i was too long
 * @property {(child: Child) => void} onExit the child is gone, its streams may not be
 */

const { EventKind } = native;

/** Failures of a kill that say something about the signal, not about the child. */
const BAD_SIGNAL = new Set([errno.EINVAL, errno.ENOSYS]);

/**
 * The end of a child, or of the attempt to start one.
 * @param {Child} child
 * @param {'exit' | 'error'} event
 * @param {...any} args of the event
 */
function finish(child, event, ...args) {
  peekStream(child, 'stdin', 0)?.destroy();
  const streams = child[kStreams];
  streams?.closeStdin();
  child._handle = null;
  try {
    child.emit(event, ...args);
  } finally {
    // On the next tick, so that the user has a last chance to ask for output once the child has
    // exited; and also when a listener threw, since the engine holds descriptors till then.
    if (streams?.awaited > 0) process.nextTick(() => streams.flush());
    else streams?.flush();
  }
  child[kLimits].onExit(child);
  child[kMaybeClose]();
}

/**
 * @param {Child} child
 * @param {number} code negative where it is not known
 * @param {number} signal 0 where there was none
 */
function onExit(child, code, signal) {
  if (signal !== 0) child.signalCode = toSignalName(signal);
  else if (code >= 0) child.exitCode = code;
  finish(child, 'exit', child.exitCode, child.signalCode);
}

/**
 * @param {Child} child
 * @param {number} error a negative errno
 * @param {string} step what failed
 */
function onStartFailed(child, error, step) {
  child.exitCode = error;
  const { spawnfile, spawnargs } = child;
  const syscall = spawnfile ? `spawn ${spawnfile}` : 'spawn';
  finish(child, 'error', startException(error, syscall, spawnfile, spawnargs, step));
}

/**
 * Takes the result of a kill: success is noted, and that the child is already dead is no error.
 * A child whose exit has not been reported yet counts as alive, as a zombie does.
 * @param {Child} child
 * @param {number} error 0 or a negative errno
 * @returns {boolean}
 */
function onKilled(child, error) {
  const isUnreported = child._handle !== null && child.pid !== undefined;
  if (error === 0 || (error === -errno.ESRCH && isUnreported)) {
    child.killed = true;
    return true;
  }
  if (BAD_SIGNAL.has(-error)) throw errnoException(error, 'kill');
  if (error !== -errno.ESRCH) child.emit('error', errnoException(error, 'kill'));
  return false;
}

/** @type {Limits} */
const defaultLimits = {
  onDeadline(child, error) {
    try {
      onKilled(child, error);
    } catch (failure) {
      // Nobody called kill() who could catch it.
      child.emit('error', failure);
    }
  },
  onOverflow() {},
  onExit() {},
};

/**
 * @param {Child} child
 * @param {number} error 0 or the negative errno of the kill
 */
function onDeadline(child, error) {
  child[kLimits].onDeadline(child, error);
}

/**
 * @param {Child} child
 * @param {number} i the output that was too long
 * @param {number} error as above
 */
function onOverflow(child, i, error) {
  child[kLimits].onOverflow(child, i, error);
}

/**
 * @param {Child} child
 * @param {number} i the output that has ended
 */
function onStreamEnd(child, i) {
  child[kStreams].onEnd(i);
}

/**
 * @param {Child} child
 * @param {number} error a negative errno
 */
function onLost(child, error) {
  onStartFailed(child, error, 'supervise');
}

/**
 * What to do on each kind of event of the engine but the exit.
 * @type {Record<number, (child: Child, a: number, b: number) => void>}
 */
const handlers = {
  [EventKind.Deadline]: onDeadline,
  [EventKind.Overflow]: onOverflow,
  [EventKind.StreamEnd]: onStreamEnd,
  [EventKind.Lost]: onLost,
};

module.exports = { defaultLimits, handlers, onExit, onKilled, onStartFailed };
