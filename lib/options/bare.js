'use strict';

/**
 * An object that inherits nothing, so that whoever reads an option from it gets none that somebody
 * put on Object.prototype. As fast as any other object: what a literal with `__proto__: null` makes
 * is a dictionary to V8, ten times as slow to fill and to read.
 * @param {...any} sources whose own properties it gets
 * @returns {Record<string, any>}
 */
function bare(...sources) {
  // @ts-expect-error a constructor function, so that V8 knows the shape
  return Object.assign(new Bare(), ...sources);
}

function Bare() {}
Bare.prototype = Object.freeze(Object.create(null));

module.exports = { bare };
