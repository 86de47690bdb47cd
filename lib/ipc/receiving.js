'use strict';

const { kChannel } = require('../symbols.js');
const { conversions, discard } = require('./handles.js');
const { onReply } = require('./sending.js');

/** @typedef {import('./link.js').Link} Link */

const INTERNAL = 'NODE_';

/**
 * @param {any} message
 * @returns {boolean} whether it is one of Node's own commands
 */
function isInternal(message) {
  return message !== null && typeof message === 'object' && typeof message.cmd === 'string' &&
    message.cmd.length > INTERNAL.length && message.cmd.startsWith(INTERNAL);
}

/**
 * A message came; it is emitted on a tick of its own, as Node does.
 * @this {Link}
 * @param {any} message
 * @param {any} handle an object that came with it
 */
function deliver(message, handle) {
  if (!this.child.channel) return discard(handle);
  process.nextTick(emit, this, isInternal(message) ? 'internalMessage' : 'message', message, handle);
}

/**
 * @param {Link} link
 * @param {string} event
 * @param {any} message
 * @param {any} handle
 */
function emit(link, event, message, handle) {
  const { child } = link;
  if (event === 'internalMessage' || child.listenerCount('message') > 0) {
    child.emit(event, message, handle);
  } else if (child.channel) {
    link.kept.push([event, message, handle]);
  } else {
    discard(handle);
  }
}

/**
 * Emits what has been kept, if there is a listener now.
 * @param {Link} link
 */
function emitKept({ child, kept }) {
  while (child.channel && kept.length > 0 && child.listenerCount('message') > 0) {
    const [event, message, handle] = /** @type {any[]} */ (kept.shift());
    child.emit(event, message, handle);
  }
}

/**
 * Somebody begins to listen.
 * @this {any} the child
 */
function onNewListener() {
  const link = this[kChannel];
  if (link.kept.length > 0) process.nextTick(emitKept, link);
}

/**
 * The child sent a message with a handle: answers, and makes the object.
 * @param {any} child
 * @param {any} envelope
 * @param {any} handle
 */
function onHandle(child, envelope, handle) {
  // It got lost on the way: the child may send it again. Neither answer is worth an 'error'.
  if (!handle) return child._send({ cmd: 'NODE_HANDLE_NACK' }, null, true);
  child._send({ cmd: 'NODE_HANDLE_ACK' }, null, true);

  const link = child[kChannel];
  const conversion = conversions.get(envelope.type);
  try {
    if (!conversion?.accepts(handle)) throw new TypeError(`a handle that is no ${envelope.type}`);
    conversion.attach(link, envelope, handle, (object) => deliver.call(link, envelope.msg, object));
  } catch (error) {
    handle.close();
    link.invalid(error);
  }
}

/** @type {Map<string, (child: any, message: any, handle: any) => void>} by command */
const commands = new Map([
  ['NODE_HANDLE_ACK', (child) => onReply(child, true)],
  ['NODE_HANDLE_NACK', (child) => onReply(child, false)],
  ['NODE_HANDLE', onHandle],
]);

/**
 * @this {any} the child
 * @param {any} message
 * @param {any} handle
 */
function onInternalMessage(message, handle) {
  const command = commands.get(message.cmd);
  if (command) command(this, message, handle);
  else discard(handle);
}

module.exports = { deliver, onInternalMessage, onNewListener };
