'use strict';

const { deprecate } = require('node:util');
const { codes } = require('../errors.js');
const { kChannel } = require('../symbols.js');
const { Link } = require('./link.js');
const { deliver, onInternalMessage, onNewListener } = require('./receiving.js');
const { _send, closePendingHandle, send } = require('./sending.js');

const NOTE = '_channel is deprecated. Use ChildProcess.channel instead.';
/** Node 26 has removed it. */
const hasOldName = Number.parseInt(process.versions.node, 10) < 26;

const oldName = {
  __proto__: null,
  get: deprecate(/** @this {any} */ function get() {
    return this.channel;
  }, NOTE, 'DEP0129'),
  set: deprecate(/** @this {any} */ function set(/** @type {any} */ value) {
    this.channel = value;
  }, NOTE, 'DEP0129'),
  configurable: true,
  enumerable: false,
};

/**
 * What `subprocess.disconnect` is: no more messages from now on. What waits behind a handle is sent
 * first.
 * @this {any} the child
 */
function disconnect() {
  if (!this.connected) {
    this.emit('error', new codes.ERR_IPC_DISCONNECTED());
    return;
  }
  this.connected = false;
  if (!this._handleQueue) this._disconnect();
}

/**
 * Closes the channel. Three states: connected, with a channel; disconnecting, not connected, with a
 * channel; disconnected, with neither.
 * @this {any} the child
 */
function _disconnect() {
  const link = this[kChannel];
  this.channel = null;
  closePendingHandle(this);
  process.nextTick(() => {
    link.close();
    this.emit('disconnect');
    link.countClose();
  });
}

/**
 * Gives a child its channel: connected, channel, send(), disconnect(), and the events 'message',
 * 'internalMessage' and 'disconnect'.
 * @param {any} child
 * @param {any} handle the native ChildProcess
 * @param {number} index of the stdio slot
 * @param {string} serialization 'json' or 'advanced'
 */
function setupChannel(child, handle, index, serialization) {
  const link = new Link(child, handle, index, serialization, deliver);
  child[kChannel] = link;
  child.channel = link.control;
  if (hasOldName) Object.defineProperty(child, '_channel', /** @type {PropertyDescriptor} */ (oldName));
  child._handleQueue = null;
  child._pendingMessage = null;
  child.on('internalMessage', onInternalMessage);
  child.on('newListener', onNewListener);
  child.send = send;
  child._send = _send;
  child.connected = true;
  child.disconnect = disconnect;
  child._disconnect = _disconnect;
  return link.control;
}

module.exports = { setupChannel };
