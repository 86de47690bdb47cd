'use strict';

const { codes, errnoException } = require('../errors.js');
const { bare } = require('../options/bare.js');
const { validateObject } = require('../options/validate.js');
const { kChannel } = require('../symbols.js');
const { conversions, typeOf } = require('./handles.js');

/** Queued bytes from which on send() returns false: the child is more than two reads behind. */
const MUCH = 65536 * 2;
const MAX_RETRANSMISSIONS = 3;
const SENDABLE = ['string', 'object', 'number', 'boolean'];
/** @type {any} */
const DEFAULTS = Object.freeze(bare({ swallowErrors: false }));
const REPLIES = new Set(['NODE_HANDLE_ACK', 'NODE_HANDLE_NACK']);

/**
 * Tells whoever sent a message that it was not sent.
 * @param {any} child
 * @param {Error} error
 * @param {any} callback
 */
function fail(child, error, callback) {
  if (typeof callback === 'function') process.nextTick(callback, error);
  else process.nextTick(() => child.emit('error', error));
}

/**
 * What `subprocess.send` is.
 * @this {any} the child
 * @param {any} message
 * @param {any} [handle]
 * @param {any} [options]
 * @param {any} [callback]
 * @returns {boolean} whether more may be sent now
 */
function send(message, handle, options, callback) {
  if (typeof handle === 'function') {
    callback = handle;
    handle = undefined;
    options = undefined;
  } else if (typeof options === 'function') {
    callback = options;
    options = undefined;
  } else if (options !== undefined) {
    validateObject(options, 'options');
  }
  if (this.connected) {
    return this._send(message, handle, options ? bare(DEFAULTS, options) : DEFAULTS, callback);
  }
  fail(this, new codes.ERR_IPC_CHANNEL_CLOSED(), callback);
  return false;
}

/** @param {any} message */
function checkMessage(message) {
  if (message === undefined) throw new codes.ERR_MISSING_ARGS('message');
  if (!SENDABLE.includes(typeof message)) {
    throw new codes.ERR_INVALID_ARG_TYPE('message', SENDABLE, message);
  }
}

/**
 * send() for this package itself and for cluster: also while the channel is being closed.
 * @this {any} the child
 * @param {any} message
 * @param {any} [handle]
 * @param {any} [options] or, as it once was, whether errors are swallowed
 * @param {any} [callback]
 * @returns {boolean} whether more may be sent now
 */
function _send(message, handle, options, callback) {
  checkMessage(message);
  const settings = typeof options === 'boolean' ? { swallowErrors: options } : options ?? DEFAULTS;
  const type = handle ? typeOf(handle) : undefined;
  const queue = this._handleQueue;
  if (queue && (type || !REPLIES.has(message?.cmd))) {
    // A handle is on its way; everything else waits, so that the order is kept.
    queue.push({ callback, handle: handle || null, options: settings, message });
    return queue.length === 1;
  }
  if (type) sendWithHandle(this, type, message, handle, settings, callback);
  else transmit(this, { message, handle: undefined, options: settings, callback });
  return this[kChannel].queuedBytes < MUCH;
}

/**
 * @param {any} child
 * @param {string} type
 * @param {any} message
 * @param {any} object
 * @param {any} options
 * @param {any} callback
 */
function sendWithHandle(child, type, message, object, options, callback) {
  const conversion = /** @type {import('./handles.js').Conversion} */ (conversions.get(type));
  const envelope = { cmd: 'NODE_HANDLE', type, msg: message };
  const handle = conversion.detach(child[kChannel], envelope, object, options);
  // Without a handle, because it has been sent before or is closed, the message goes alone.
  if (!handle) return void transmit(child, { message, handle: undefined, options, callback });

  const closes = conversion.closes && !options.keepOpen;
  let sent = false;
  try {
    sent = transmit(child, { message: envelope, handle, options, callback });
  } finally {
    // It has left its owner: lost unless it is closed here.
    if (!sent && closes) handle.close();
  }
  // A handle that is closed once received stays until then, and is sent again if it got lost.
  if (sent && closes) child._pendingMessage = { callback, message: envelope, handle, options, retransmissions: 0 };
}

/**
 * Sends something now.
 * @param {any} child
 * @param {{ message: any, handle: any, options: any, callback: any }} item
 * @returns {boolean} whether it was sent
 */
function transmit(child, { message, handle, options, callback }) {
  const errno = child[kChannel].write(message, handle, callback);
  if (errno === 0) {
    if (handle) child._handleQueue ??= [];
    return true;
  }
  if (!options.swallowErrors) fail(child, errnoException(errno, 'write'), callback);
  return false;
}

/** @param {any} child */
function closePendingHandle(child) {
  const pending = child._pendingMessage;
  child._pendingMessage = null;
  pending?.handle.close();
}

/**
 * The child has, or has not, received the handle that was on its way.
 * @param {any} child
 * @param {boolean} received
 */
function onReply(child, received) {
  const queue = child._handleQueue;
  // Nothing is on its way: the child makes it up.
  if (!Array.isArray(queue)) return;
  child._handleQueue = null;
  const pending = child._pendingMessage;
  if (pending && received) {
    closePendingHandle(child);
  } else if (pending && pending.retransmissions++ === MAX_RETRANSMISSIONS) {
    closePendingHandle(child);
    process.emitWarning('Handle did not reach the receiving process correctly', 'SentHandleNotReceivedWarning');
  }
  // The callback has been called when it was sent first.
  const again = child._pendingMessage;
  if (again && !transmit(child, { ...again, callback: undefined })) closePendingHandle(child);
  for (const item of queue) sendQueued(child, item);
  // A disconnect() that waited for the queue.
  if (!child.connected && child.channel && !child._handleQueue) child._disconnect();
}

/**
 * @param {any} child
 * @param {{ message: any, handle: any, options: any, callback: any }} item
 */
function sendQueued(child, { message, handle, options, callback }) {
  try {
    child._send(message, handle, options, callback);
  } catch (error) {
    // Its sender is long gone from the stack.
    fail(child, error, callback);
  }
}

module.exports = { _send, closePendingHandle, onReply, send };
