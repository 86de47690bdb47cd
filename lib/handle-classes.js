'use strict';

const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const { builtin, native } = require('./backend.js');

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

/**
 * The pipe that the built-in makes for a start, which it then refuses because of another option.
 * Unlike the way of streamClass() this needs no descriptor, and a stream is what most workers need.
 */
function pipeClass() {
  /** @type {any} */
  const options = { stdio: ['pipe', 'ignore', 'ignore'], serialization: 'none' };
  try {
    /** @type {any} */ (builtin).ChildProcess.prototype.spawn.call({}, options);
  } catch {
    // As meant.
  }
  const { handle } = options.stdio[0];
  handle?.close();
  return handle?.constructor ?? streamClass(KIND.Pipe);
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
  [KIND.Pipe, pipeClass],
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
 * Takes a descriptor from the engine and wraps it.
 * @param {number} kind a DescriptorKind
 * @param {{ takeDescriptor(index?: number): number }} owner a native object
 * @param {number} [index] which of its descriptors
 * @returns {any} a TCP, Pipe or UDP handle that owns it; undefined if there is none, or it cannot be wrapped
 */
function wrapDescriptor(kind, owner, index) {
  const handle = new (classOf(kind))(PLAIN_SOCKET);
  /** @type {number} */
  let fd;
  // A worker can be terminated wherever JavaScript is called, and there is no such place between these
  // two native functions: the descriptor is always somebody's who closes it.
  const error = handle.open(fd = owner.takeDescriptor(index));
  if (error === 0) return handle;
  handle.close();
  if (fd >= 0) fs.closeSync(fd);
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
