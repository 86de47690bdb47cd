'use strict';

const { native } = require('./backend.js');
const { handlers, onExit } = require('./outcome.js');
const { kAsyncResource, kStreams } = require('./symbols.js');

const { EventKind } = native;

/**
 * The children that the engine may still report something about, by the id of their handle.
 * @type {Map<number, any>}
 */
const children = new Map();

let isConnected = false;

/**
 * Lets the engine report to this thread. Not before the first child: what is made earlier has an
 * async id that hooks enabled later have never heard of.
 */
function connect() {
  if (isConnected) return;
  isConnected = true;
  native.connect(receive);
}

/**
 * News of a child.
 * @param {number} id
 * @param {number} kind an EventKind, which says what the rest means
 * @param {number} a
 * @param {number} b
 * @param {number} streams
 */
function receive(id, kind, a, b, streams) {
  const child = children.get(id);
  if (child === undefined) return;
  if (kind !== EventKind.Exit) {
    handle(child, handlers[kind], a, b);
    return;
  }
  if (streams !== 0) child[kStreams].onEnds(streams);
  // An exit waits for what there is to read in this turn of the event loop: a child's last output and
  // messages come before its 'exit', as where libuv looks at signals last.
  setImmediate(handle, child, onExit, a, b);
}

/**
 * @param {any} child
 * @param {(child: any, a: number, b: number) => void} handler
 * @param {number} a
 * @param {number} b
 */
function handle(child, handler, a, b) {
  child[kAsyncResource].runInAsyncScope(handler, undefined, child, a, b);
}

/**
 * From now on events reach the child.
 * @param {number} id
 * @param {any} child a ChildProcess
 */
function watch(id, child) {
  children.set(id, child);
}

/**
 * Nothing more will be reported about the child.
 * @param {number} id
 */
function forget(id) {
  children.delete(id);
}

module.exports = { connect, forget, watch };
