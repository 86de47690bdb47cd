'use strict';

const { join } = require('node:path');
const { next } = require('./events.js');

/**
 * Starts the other end of an IPC case, and waits until it is ready.
 * @param {any} cp
 * @param {string} node the same Node for every parent
 * @param {'json' | 'advanced'} serialization
 */
async function startPeer(cp, node, serialization) {
  const child = cp.fork(join(__dirname, '../children/peer.js'), [], {
    execPath: node,
    execArgv: [],
    serialization,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
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
 */
function receive(child, count) {
  return new Promise((resolve) => {
    let left = count;
    const onMessage = () => {
      if (--left > 0) return;
      child.removeListener('message', onMessage);
      resolve(undefined);
    };
    child.on('message', onMessage);
  });
}

module.exports = { receive, startPeer, stopPeer };
