'use strict';

const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const { native } = require('../backend.js');

/**
 * The classes that wrap a descriptor for net and dgram. Node has no public way to them, so they are
 * taken from a real object when first needed.
 */

const KIND = native.DescriptorKind;
/** The first argument of TCP and Pipe: neither a listening nor an IPC one. */
const PLAIN_SOCKET = 0;

/**
 * The handle of a dgram.Socket; its public property is deprecated.
 * @param {any} socket
 */
function handleOfDgram(socket) {
  const state = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'state symbol');
  return state && socket[state].handle;
}

/** @param {number} kind */
function streamClass(kind) {
  const options = { fd: native.unboundSocket(kind), manualStart: true };
  const socket = new net.Socket(options);
  const { constructor } = /** @type {any} */ (socket)._handle;
  socket.destroy();
  return constructor;
}

function datagramClass() {
  const socket = dgram.createSocket('udp4');
  const { constructor } = handleOfDgram(socket);
  socket.close();
  return constructor;
}

/** @type {Map<number, () => any>} how to find the class of each kind of descriptor */
const sources = new Map([
  [KIND.Tcp, () => streamClass(KIND.Tcp)],
  [KIND.Pipe, () => streamClass(KIND.Pipe)],
  [KIND.Udp, datagramClass],
]);
/** @type {Map<number, any>} */
const found = new Map();

/** @param {number} kind a DescriptorKind */
function classOf(kind) {
  if (!found.has(kind)) found.set(kind, /** @type {() => any} */ (sources.get(kind))());
  return found.get(kind);
}

/**
 * Wraps a received descriptor.
 * @param {{ fd: number, kind: number } | null} received
 * @returns {any} a TCP, Pipe or UDP handle that owns it; undefined if there is none
 */
function wrapDescriptor(received) {
  if (received === null) return undefined;
  const handle = new (classOf(received.kind))(PLAIN_SOCKET);
  if (handle.open(received.fd) === 0) return handle;
  handle.close();
  fs.closeSync(received.fd);
  return undefined;
}

/**
 * @param {any} value
 * @returns {boolean} whether it is a TCP or Pipe handle
 */
function isStreamHandle(value) {
  return value instanceof classOf(KIND.Tcp) || value instanceof classOf(KIND.Pipe);
}

/**
 * @param {any} value
 * @returns {boolean} whether it is a UDP handle
 */
function isDatagramHandle(value) {
  return value instanceof classOf(KIND.Udp);
}

module.exports = { handleOfDgram, isDatagramHandle, isStreamHandle, wrapDescriptor };
