'use strict';

/**
 * Sends many messages, waiting for each `window`-th to have left: enough to keep the channel full,
 * and no endless queue in memory.
 * @param {(message: any, callback?: (error: Error | null) => void) => void} send
 * @param {any} message
 * @param {number} count
 * @param {number} window
 */
async function flood(send, message, count, window) {
  for (let sent = 1; sent <= count; sent++) {
    if (sent % window !== 0) {
      send(message);
    } else {
      await new Promise((resolve, reject) => {
        send(message, (error) => (error ? reject(error) : resolve(undefined)));
      });
    }
  }
}

/** What a message of a flood and of a round trip looks like: about 100 bytes as JSON. */
const SMALL = { type: 'progress', task: 'compile', done: 17, total: 240, note: 'forty-eight characters of text, more or less ok' };

/**
 * @param {number} bytes 0: a small one
 */
function messageOf(bytes) {
  return bytes > 0 ? { text: 'x'.repeat(bytes) } : SMALL;
}

/**
 * @param {number} bytes of a message
 * @returns {number} how many may be under way
 */
function windowFor(bytes) {
  return bytes > 0 ? 4 : 500;
}

module.exports = { flood, messageOf, windowFor };
