'use strict';

const net = require('node:net');
const { kIsUsedAsStdio } = require('../symbols.js');

/**
 * The stream of a parent end.
 * @param {{ fd: number, data: Buffer | null, ended: boolean }} end as taken from the engine
 * @param {boolean} readable whether the child writes there
 * @returns {net.Socket}
 */
function createSocket({ fd, data, ended }, readable) {
  // net.Socket starts to read by itself, as under the built-in.
  const socket = new net.Socket(fd >= 0 ? { fd, readable, writable: true } : { readable, writable: true });
  if (data?.length) socket.unshift(data);
  if (ended && readable) {
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
