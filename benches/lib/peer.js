'use strict';

const { join } = require('node:path');
const { next } = require('./events.js');

const PEER = join(__dirname, '../children/peer.js');

/**
 * Starts the other end of an IPC case, and waits until it is ready.
 * @param {any} cp
 * @param {string} node the same Node for every parent
 * @param {'json' | 'advanced'} serialization
 */
async function startPeer(cp, node, serialization) {
  // Not fork(): Deno's starts nothing but Deno.
  const child = cp.spawn(node, [PEER], { serialization, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await next(child, 'message');
  return child;
}

/**
 * Lets it go, and waits until it has.
 * @param {any} child
 */
async function stopPeer(child) {
  const exited = next(child, 'exit');
  child.disconnect();
  await exited;
}

/**
 * Waits for a number of messages.
 * @param {any} child
 * @param {number} count
 * @returns {Promise<any>} the last one
 */
function receive(child, count) {
  return new Promise((resolve) => {
    let left = count;
    const onMessage = (/** @type {any} */ message) => {
      if (--left > 0) return;
      child.removeListener('message', onMessage);
      resolve(message);
    };
    child.on('message', onMessage);
  });
}

module.exports = { PEER, receive, startPeer, stopPeer };
