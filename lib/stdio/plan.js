'use strict';

const { inspect } = require('node:util');
const { errno } = require('node:os').constants;
const { codes, errnoException } = require('../errors.js');

/**
 * What one descriptor of the child becomes. `type` is 'ignore', 'pipe', 'overlapped', 'inherit',
 * 'fd' or 'wrap' (the descriptor under a stream of this process); ipc marks the channel's pipe.
 * @typedef {{ type: string, fd?: number, ipc?: boolean, readable?: boolean, writable?: boolean,
 *   handle?: any, _stdio?: any, input?: any }} Slot
 */
/** @typedef {{ stdio: Slot[], ipc: Slot | undefined, ipcFd: number | undefined }} Plan */

/** How the engine is told: the values of the native Stdio. */
const IGNORE = -1;
const PIPE = -2;
const CHANNEL = -3;

/** @type {Record<string, (slot: Slot) => number>} */
const DESCRIPTORS = {
  // @ts-expect-error a null prototype, so that no inherited name answers
  __proto__: null,
  ignore: () => IGNORE,
  pipe: (slot) => (slot.ipc ? CHANNEL : PIPE),
  overlapped: () => PIPE,
  inherit: (slot) => /** @type {number} */ (slot.fd),
  fd: (slot) => /** @type {number} */ (slot.fd),
  wrap: (slot) => slot.handle.fd,
};

/** @type {Record<string, (i: number) => Slot>} the words of options.stdio, ipc apart */
const WORDS = {
  // @ts-expect-error a null prototype, as above
  __proto__: null,
  ignore: () => ({ type: 'ignore' }),
  inherit: (i) => ({ type: 'inherit', fd: i }),
  overlapped: (i) => ({ type: 'overlapped', readable: i === 0, writable: i !== 0 }),
  pipe: (i) => ({ type: 'pipe', readable: i === 0, writable: i !== 0 }),
};

/** @type {Record<string, any[]>} what one word stands for as the whole of options.stdio */
const SHORTHANDS = {
  // @ts-expect-error a null prototype, as above
  __proto__: null,
  ignore: ['ignore', 'ignore', 'ignore'],
  inherit: [0, 1, 2],
  overlapped: ['overlapped', 'overlapped', 'overlapped'],
  pipe: ['pipe', 'pipe', 'pipe'],
};

/**
 * @param {string} word
 * @param {string} [channel] a further entry
 * @returns {any[]}
 */
function stdioStringToArray(word, channel) {
  const entries = SHORTHANDS[word];
  if (entries === undefined) throw new codes.ERR_INVALID_ARG_VALUE('stdio', word);
  return channel ? [...entries, channel] : [...entries];
}

/**
 * Whether something is a handle of Node's with a descriptor below it: a pipe, TCP or TTY handle
 * (they read) or a UDP handle (it receives). Their classes cannot be reached from outside.
 * @param {any} value
 */
function isHandle(value) {
  return typeof value?.fd === 'number' &&
    (typeof value.readStop === 'function' || typeof value.recvStop === 'function');
}

/**
 * @param {any} entry not a word and not a number
 * @param {boolean} sync
 * @returns {Slot | undefined} undefined where spawnSync() passes over an entry, as Node's does
 */
function slotOfObject(entry, sync) {
  if (typeof entry.fd === 'number') return { type: 'fd', fd: entry.fd };
  const handle = [entry.handle, entry._handle].find(isHandle);
  if (handle) return { type: 'wrap', handle, _stdio: entry };
  if (!ArrayBuffer.isView(entry) && typeof entry !== 'string') {
    throw new codes.ERR_INVALID_ARG_VALUE('stdio', entry);
  }
  if (!sync) throw new codes.ERR_INVALID_SYNC_FORK_INPUT(inspect(entry));
  return undefined;
}

/**
 * @param {any} entry one entry of options.stdio
 * @param {number} i
 * @param {boolean} sync
 */
function slotOf(entry, i, sync) {
  entry ??= i < 3 ? 'pipe' : 'ignore';
  if (typeof entry === 'number') return entry < 0 ? WORDS.pipe(i) : { type: 'fd', fd: entry };
  const word = typeof entry === 'string' ? WORDS[entry] : undefined;
  return word ? word(i) : slotOfObject(entry, sync);
}

/**
 * options.stdio as a plan with an entry per descriptor of the child.
 * @param {any} stdio a word or an array (which is filled up to three entries)
 * @param {boolean} sync
 * @returns {Plan}
 */
function getValidStdio(stdio, sync) {
  if (typeof stdio === 'string') {
    stdio = stdioStringToArray(stdio);
  } else if (!Array.isArray(stdio)) {
    throw new codes.ERR_INVALID_ARG_VALUE('stdio', stdio);
  }
  while (stdio.length < 3) stdio.push(undefined);
  /** @type {Plan} */
  const plan = { stdio: [], ipc: undefined, ipcFd: undefined };
  for (let i = 0; i < stdio.length; i++) {
    const isChannel = stdio[i] === 'ipc';
    if (isChannel && sync) throw new codes.ERR_IPC_SYNC_FORK();
    if (isChannel && plan.ipc) throw new codes.ERR_IPC_ONE_PIPE();
    const slot = isChannel ? { type: 'pipe', ipc: true } : slotOf(stdio[i], i, sync);
    if (slot) plan.stdio.push(slot);
    if (isChannel) {
      plan.ipc = slot;
      plan.ipcFd = i;
    }
  }
  return plan;
}

/**
 * The plan as the engine takes it.
 * @param {Slot[]} slots
 * @param {string} syscall for the error of a stream whose descriptor is gone
 * @returns {number[]}
 */
function toDescriptors(slots, syscall) {
  return slots.map((slot) => {
    const descriptor = DESCRIPTORS[slot.type](slot);
    const isOfThisProcess = slot.type === 'fd' || slot.type === 'wrap';
    if (isOfThisProcess && !(descriptor >= 0)) throw errnoException(-errno.EINVAL, syscall);
    return descriptor;
  });
}

module.exports = { getValidStdio, stdioStringToArray, toDescriptors };
