'use strict';

const { AsyncResource } = require('node:async_hooks');
const { native } = require('../backend.js');
const { codes, errnoException } = require('../errors.js');
const { kAsyncResource, kMaybeClose } = require('../symbols.js');
const { codecs } = require('./codecs.js');
const { Control } = require('./control.js');
const { wrapDescriptor } = require('../handle-classes.js');
const { discard } = require('./handles.js');
const { SocketListReceive, SocketListSend } = require('./socket-list.js');

const { ChannelEvent } = native;
/** Libuv's errno of a handle without a descriptor. */
const NO_DESCRIPTOR = -9;

const LISTS = { got: SocketListReceive, send: SocketListSend };

/** The channels in use. @type {Set<Link>} */
const open = new Set();
let isLeaving = false;

// What is held back must leave before the process does; other listeners may still send.
process.on('exit', () => {
  isLeaving = true;
  for (const { native: channel } of open) channel.hurry();
});

/** One child's channel: bytes and descriptors below, messages and objects above. */
class Link {
  /** The frames that the socket has not taken yet: what to call when it has. @type {any[]} */
  #callbacks = [];
  #send;
  /** Bytes that the socket has not taken yet. */
  queuedBytes = 0;
  /** The end of the channel has been counted for 'close'. */
  #counted = false;
  /** Sockets that travelled, by direction and server. */
  #lists = { got: new Map(), send: new Map() };

  /**
   * @param {any} child
   * @param {any} handle the native ChildProcess
   * @param {number} index of the stdio slot
   * @param {string} serialization
   * @param {(message: any, handle: any) => void} onMessage
   */
  constructor(child, handle, index, serialization, onMessage) {
    this.child = child;
    this.codec = codecs[serialization];
    this.onMessage = onMessage;
    /** Messages that came before there was a 'message' listener. @type {any[][]} */
    this.kept = [];
    const resource = child[kAsyncResource];
    this.native = handle.openChannel(index, this.codec.mode, this.codec.inbox, (
      /** @type {number} */ kind, /** @type {any} */ payload, /** @type {number} */ extra, /** @type {any} */ owners) => {
      resource.runInAsyncScope(this.#onEvent, this, kind, payload, extra, owners);
    });
    this.#send = this.native.writer();
    this.control = new Control(this.native);
    open.add(this);
    if (isLeaving) this.native.hurry();
  }

  /**
   * Sends a message at once.
   * @param {any} message
   * @param {any} [handle] a native handle
   * @param {((error: Error | null) => void)} [callback]
   * @returns {number} 0, or a negative errno with nothing sent
   */
  write(message, handle, callback) {
    const { encode, room } = this.codec;
    const frame = encode(message);
    const fd = handle ? handle.fd : -1;
    if (handle && !(fd >= 0)) return NO_DESCRIPTOR;
    const queued = typeof frame === 'number' ? this.#send(room, frame, fd) : this.#send(frame, frame.length, fd);
    if (queued < 0) return queued;
    this.queuedBytes = queued;
    if (queued > 0) {
      // It will be called from the event loop, and belongs to whoever sends.
      this.#callbacks.push(typeof callback === 'function' ? AsyncResource.bind(callback) : undefined);
    } else if (typeof callback === 'function') {
      process.nextTick(callback, null);
    }
    return 0;
  }

  /**
   * @param {'got' | 'send'} direction
   * @param {string} key names the server
   */
  hasSocketList(direction, key) {
    return this.#lists[direction].has(key);
  }

  /**
   * The list of one server's sockets, made when first asked for.
   * @param {'got' | 'send'} direction
   * @param {string} key names the server
   */
  socketList(direction, key) {
    const lists = this.#lists[direction];
    if (!lists.has(key)) lists.set(key, new LISTS[direction](this.child, key));
    return lists.get(key);
  }

  /**
   * The child sent what cannot be understood. The channel goes on: where the next message begins is
   * known.
   * @param {any} cause
   */
  invalid(cause) {
    const error = new codes.ERR_IPC_FRAME_INVALID(cause?.message ?? cause);
    error.cause = cause;
    process.nextTick(() => this.child.emit('error', error));
  }

  /** Stops reading; what is queued still leaves. */
  close() {
    open.delete(this);
    this.native.hurry();
    this.native.close();
    for (const [, , handle] of this.kept.splice(0)) discard(handle);
  }

  /** Counts the end of the channel as one of those that 'close' waits for, once. */
  countClose() {
    if (this.#counted) return;
    this.#counted = true;
    this.child[kMaybeClose]();
  }

  /**
   * @param {number} kind a ChannelEvent
   * @param {any} payload
   * @param {number} extra
   * @param {number[] | undefined} owners
   */
  #onEvent(kind, payload, extra, owners) {
    switch (kind) {
      case ChannelEvent.Frames: return this.#onFrames(payload, extra, owners);
      case ChannelEvent.Written: return this.#onWritten(payload, extra);
      case ChannelEvent.Error: return this.#onFailed(payload);
      default: return this.#onEnd();
    }
  }

  /**
   * @param {any} payload
   * @param {number} count
   * @param {number[] | undefined} owners indices of the frames that came with a descriptor
   */
  #onFrames(payload, count, owners) {
    let index = 0;
    this.codec.decode(payload, count, (message, error) => {
      let handle = owners?.includes(index++) ? this.#receivedHandle() : undefined;
      if (handle && message?.cmd !== 'NODE_HANDLE') {
        discard(handle);
        handle = undefined;
      }
      if (error) this.invalid(error);
      else this.onMessage(message, handle);
    });
  }

  /** The handle that came with a message, if it is of a kind that can be wrapped. */
  #receivedHandle() {
    const kind = this.native.nextDescriptor();
    return kind === 0 ? undefined : wrapDescriptor(kind, this.native);
  }

  /**
   * @param {number} count frames that have left, or never will
   * @param {number} errno 0, or the negative errno that is the reason
   */
  #onWritten(count, errno) {
    this.queuedBytes = this.native.queuedBytes;
    for (const callback of this.#callbacks.splice(0, count)) {
      if (callback) process.nextTick(callback, errno ? errnoException(errno, 'write') : null);
    }
  }

  /** @param {number} what the limit that a message passed, or a negative errno */
  #onFailed(what) {
    const error = what < 0 ? errnoException(what, 'read') : new codes.ERR_IPC_FRAME_TOO_LARGE(what);
    process.nextTick(() => this.child.emit('error', error));
    this.#onEnd();
  }

  /** The child has closed its end, or cannot be understood any more. */
  #onEnd() {
    const { child } = this;
    abandonQueue(child);
    if (child.connected) child.disconnect();
    else if (child.channel) child._disconnect();
    this.close();
    this.countClose();
  }
}

/**
 * Messages that waited for their turn behind a handle will not be sent any more. Whoever wants to know
 * is told; a socket that nobody asked about is closed, as if it had been sent.
 * @param {any} child
 */
function abandonQueue(child) {
  const queue = child._handleQueue;
  child._handleQueue = null;
  if (!Array.isArray(queue)) return;
  for (const { callback, handle, options } of queue) {
    if (typeof callback === 'function') process.nextTick(callback, new codes.ERR_IPC_CHANNEL_CLOSED());
    else if (handle && typeof handle.destroy === 'function' && !options?.keepOpen) handle.destroy();
  }
}

module.exports = { Link };
