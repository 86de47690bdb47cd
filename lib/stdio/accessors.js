'use strict';

const { kStreams } = require('../symbols.js');

/** @type {Record<string, (ends: import('./parent-ends.js').ParentEnds) => any>} */
const STREAMS = {
  stdin: (ends) => ends.stream(0),
  stdout: (ends) => ends.stream(1),
  stderr: (ends) => ends.stream(2),
  stdio: (ends) => ends.streams(),
};

/**
 * Makes a property of the child's own, as it would be under the built-in from the start.
 * @param {object} child
 * @param {string} name
 * @param {any} value
 */
function own(child, name, value) {
  Object.defineProperty(child, name, {
    // @ts-expect-error a null prototype, against a polluted Object.prototype
    __proto__: null, value, configurable: true, enumerable: true, writable: true,
  });
  return value;
}

/**
 * stdin, stdout, stderr and stdio of a prototype: each stream is made when it is first looked at,
 * and from then on a plain property that may also be overwritten.
 * @param {object} prototype ChildProcess.prototype
 */
function defineStreams(prototype) {
  for (const [name, get] of Object.entries(STREAMS)) {
    Object.defineProperty(prototype, name, {
      // @ts-expect-error as above
      __proto__: null,
      configurable: true,
      enumerable: true,
      /** @this {any} */
      get() {
        const ends = this[kStreams];
        return ends && own(this, name, get(ends));
      },
      /** @this {any} @param {any} value */
      set(value) {
        own(this, name, value);
      },
    });
  }
}

/**
 * A stream of the child as its user sees it, without making one.
 * @param {any} child
 * @param {'stdin' | 'stdout' | 'stderr'} name
 * @param {number} i
 * @returns {any} null or undefined where there is none yet
 */
function peekStream(child, name, i) {
  return Object.hasOwn(child, name) ? child[name] : child[kStreams]?.peek(i);
}

module.exports = { defineStreams, peekStream };
