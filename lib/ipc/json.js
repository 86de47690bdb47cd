'use strict';

const { parse, stringify } = JSON;

/** What the native side puts between lines. */
const SEPARATOR = ',\n';

/**
 * The messages of several lines by one call of JSON.parse, which costs a third less.
 * @param {string} lines
 * @param {number} count
 * @returns {any[] | undefined} unless a line is none by itself, which spoils the others or their number
 */
function parseTogether(lines, count) {
  try {
    const messages = parse(`[${lines}]`);
    if (messages.length === count) return messages;
  } catch {
    // Which line it is comes out when each is parsed alone.
  }
  return undefined;
}

/** @type {import('./codecs.js').Codec} one JSON text a line; the native side adds and removes the newline */
const json = {
  mode: 0,

  // What JSON has no text for becomes 'undefined', which the child cannot read either.
  encode: (message) => `${stringify(message)}`,

  decode(lines, count, each) {
    const messages = count > 1 ? parseTogether(lines, count) : undefined;
    if (messages) return messages.forEach((message) => each(message));
    for (const line of count > 1 ? lines.split(SEPARATOR) : [lines]) {
      let message;
      try {
        message = parse(line);
      } catch (error) {
        each(undefined, error);
        continue;
      }
      each(message);
    }
  },
};

module.exports = { json };
