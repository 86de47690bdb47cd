'use strict';

const { kAsyncResource, kOnEvent } = require('./symbols.js');
const { native } = require('./backend.js');

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
  native.connect((/** @type {number} */ id, /** @type {number} */ kind, /** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ streams) => {
    const child = children.get(id);
    child?.[kAsyncResource].runInAsyncScope(child[kOnEvent], child, kind, a, b, streams);
  });
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
