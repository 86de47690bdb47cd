'use strict';

/**
 * Waits for an event of a child. Unlike events.once() it adds the same two listeners and one promise
 * in every runtime.
 * @param {any} child
 * @param {string} event
 * @returns {Promise<any>} the event's first argument
 */
function next(child, event) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once(event, (/** @type {any} */ value) => {
      child.removeListener('error', reject);
      resolve(value);
    });
  });
}

module.exports = { next };
