'use strict';

const net = require('node:net');
const { wrapDescriptor } = require('../handle-classes.js');
const { DescriptorKind } = require('../backend.js').native;
const { kIsUsedAsStdio } = require('../symbols.js');

/**
 * The stream of a parent end, taken from the engine.
 * @param {any} owner the native ChildProcess
 * @param {number} i which of its streams
 * @param {boolean} readable whether the child writes there
 * @param {Buffer | null} data what the engine has read of it already
 * @returns {net.Socket}
 */
function createSocket(owner, i, readable, data) {
  const handle = wrapDescriptor(DescriptorKind.Pipe, owner, i);
  // net.Socket starts to read by itself, as under the built-in.
  const socket = new net.Socket(/** @type {any} */ ({ handle, readable, writable: true }));
  if (data) socket.unshift(data);
  if (!handle && readable) {
    socket.push(null);
    // Without a descriptor below, its writing side would wait for a connection for ever.
    socket.once('end', () => process.nextTick(() => socket.destroy()));
  }
  return socket;
}

/**
 * The stream of a parent end that has been closed, or read to its end with nobody looking.
 * @param {boolean} readable
 * @returns {net.Socket}
 */
function createEndedSocket(readable) {
  const socket = new net.Socket({ readable, writable: true });
  if (readable) {
    socket.push(null);
    // 'end' lies in the past: who waits for this stream is to find it ended, not cut off.
    /** @type {any} */ (socket)._readableState.endEmitted = true;
  }
  socket.destroy();
  return socket;
}

/**
 * Stops reading a stream whose descriptor a child has been given: two readers would share the data.
 * @param {any} stream
 * @param {any} handle
 */
function lendToChild(stream, handle) {
  handle.reading = false;
  handle.readStop?.();
  stream.pause?.();
  stream.readableFlowing = false;
  if (stream._readableState) stream._readableState.reading = false;
  stream[kIsUsedAsStdio] = true;
}

module.exports = { createEndedSocket, createSocket, lendToChild };
