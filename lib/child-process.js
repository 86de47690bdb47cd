'use strict';

const { AsyncResource } = require('node:async_hooks');
const EventEmitter = require('node:events');
const { errno } = require('node:os').constants;
const dispatch = require('./dispatch.js');
const { errnoException } = require('./errors.js');
const { ProcessHandle } = require('./handle.js');
const { toCommand } = require('./options/command.js');
const { checkPermission } = require('./options/permission.js');
const { toSignalNumber } = require('./options/signals.js');
const { validateArray, validateObject, validateOneOf, validateString } = require('./options/validate.js');
const outcome = require('./outcome.js');
const { defineStreams } = require('./stdio/accessors.js');
const { ParentEnds } = require('./stdio/parent-ends.js');
const { getValidStdio, toDescriptors } = require('./stdio/plan.js');
const { lendToChild } = require('./stdio/sockets.js');
const { kAsyncResource, kLimits, kMaybeClose, kStreams } = require('./symbols.js');
const { traceCreation, traceOutcome, traceStart } = require('./tracing.js');

/** @typedef {any} Child a ChildProcess, with Node's public and internal properties */

/** Failures to start that are reported by an 'error' event; others are thrown. */
const REPORTED = new Set([errno.EACCES, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOENT]);
/** Among them those after which there are no streams. */
const STREAMLESS = new Set([errno.EMFILE, errno.ENFILE]);

/**
 * A process started by this one. A constructor function as in Node, so that
 * `ChildProcess.call(this)` and util.inherits() work.
 * @this {Child}
 */
function ChildProcess() {
  EventEmitter.call(this);
  this._closesNeeded = 1;
  this._closesGot = 0;
  this.connected = false;
  this.signalCode = null;
  this.exitCode = null;
  this.killed = false;
  this.spawnfile = null;
  this._handle = new ProcessHandle();
  this[kAsyncResource] = new AsyncResource('PROCESSWRAP');
  this[kStreams] = undefined;
  traceCreation(this);
}
Object.setPrototypeOf(ChildProcess.prototype, EventEmitter.prototype);
Object.setPrototypeOf(ChildProcess, EventEmitter);
defineStreams(ChildProcess.prototype);

/**
 * Starts the process.
 * @this {Child}
 * @param {any} options file, args (argv[0] included), envPairs, cwd, stdio, detached, uid, gid, serialization
 * @returns {number} 0 or a negative errno
 */
ChildProcess.prototype.spawn = function spawn(options) {
  const { plan, serialization } = accept(this, options);
  traceStart(this, options);
  checkPermission(options.file);
  const handle = this._handle;
  const descriptors = toDescriptors(plan.stdio, 'spawn');
  const channelEnv = plan.ipc &&
    [`NODE_CHANNEL_FD=${plan.ipcFd}`, `NODE_CHANNEL_SERIALIZATION_MODE=${serialization}`];
  const pid = handle.spawn(toCommand(options, descriptors, channelEnv));
  const error = Math.min(pid, 0);

  traceOutcome(this, error);
  const isReported = error === 0 || REPORTED.has(-error);
  if (!isReported || STREAMLESS.has(-error)) {
    // No stream will stand for them, so the parent ends go now and not when the handle is collected.
    descriptors.forEach((_, i) => handle.closeStream(i));
  }
  if (!isReported) {
    this._handle = null;
    throw errnoException(error, 'spawn', { step: handle.step });
  }
  if (error === 0) process.nextTick(() => this.emit('spawn'));
  else process.nextTick(outcome.onStartFailed, this, error, handle.step);
  if (STREAMLESS.has(-error)) return error;

  this.pid = pid > 0 ? pid : undefined;
  attachStreams(this, plan.stdio);
  if (plan.ipcFd !== undefined) {
    this._closesNeeded++;
    const { setupChannel } = require('./ipc/channel.js');
    setupChannel(this, handle, plan.ipcFd, serialization);
  }
  return error;
};

/**
 * Checks the options of a start and notes what the child is known by.
 * @param {Child} child
 * @param {any} options
 */
function accept(child, options) {
  validateObject(options, 'options');
  const plan = getValidStdio(options.stdio || 'pipe', false);
  options.stdio = plan.stdio;
  validateOneOf(options.serialization, 'options.serialization', [undefined, 'json', 'advanced']);
  if (plan.ipc && options.envPairs !== undefined) validateArray(options.envPairs, 'options.envPairs');
  validateString(options.file, 'options.file');
  child.spawnfile = options.file;
  if (options.args !== undefined) validateArray(options.args, 'options.args');
  child.spawnargs = options.args ?? [];
  return { plan, serialization: options.serialization || 'json' };
}

/**
 * @param {Child} child
 * @param {import('./stdio/plan.js').Slot[]} slots
 */
function attachStreams(child, slots) {
  const handle = child._handle;
  for (const slot of slots) {
    if (slot.type === 'wrap') lendToChild(slot._stdio, slot.handle);
  }
  const { id } = handle;
  dispatch.watch(id, child);
  child[kStreams] = new ParentEnds({
    handle,
    slots,
    resource: child[kAsyncResource],
    onClosed: () => child[kMaybeClose](),
    onIdle: () => dispatch.forget(id),
  });
  child._closesNeeded += child[kStreams].awaited;
}

/**
 * Sends a signal.
 * @this {Child}
 * @param {string | number} [signal] SIGTERM unless told; 0 only asks whether the child is there
 * @returns {boolean} whether it was sent
 */
ChildProcess.prototype.kill = function kill(signal) {
  const number = signal === 0 ? 0 : toSignalNumber(signal === undefined ? 'SIGTERM' : signal);
  return this._handle ? outcome.onKilled(this, this._handle.kill(number)) : false;
};

/** @this {Child} */
ChildProcess.prototype.ref = function ref() {
  this._handle?.ref();
};

/** @this {Child} */
ChildProcess.prototype.unref = function unref() {
  this._handle?.unref();
  // Under the built-in, open streams go on keeping the event loop alive; nobody need have looked.
  this[kStreams]?.takeReadable();
};

/** @this {Child} */
ChildProcess.prototype[Symbol.dispose] = function dispose() {
  if (!this.killed) this.kill();
};

/** @type {outcome.Limits} */
ChildProcess.prototype[kLimits] = outcome.defaultLimits;

/** @this {Child} */
ChildProcess.prototype[kMaybeClose] = function maybeClose() {
  if (++this._closesGot === this._closesNeeded) this.emit('close', this.exitCode, this.signalCode);
};

const own = { kill: ChildProcess.prototype.kill, spawn: ChildProcess.prototype.spawn };

/**
 * Whether somebody has put a method of their own in place, which is then to be called where the
 * engine could do without.
 * @param {Child} child
 * @param {'kill' | 'spawn'} method
 */
function isPatched(child, method) {
  return child[method] !== own[method];
}

module.exports = { ChildProcess, isPatched };
