'use strict';

const { signals } = require('node:os').constants;
const { codes } = require('../errors.js');

const FIRST_REALTIME = 34;

/** @type {Map<number, keyof typeof signals>} the first name of each number: SIGABRT, not SIGIOT */
const names = new Map();
for (const name of /** @type {(keyof typeof signals)[]} */ (Object.keys(signals))) {
  if (!names.has(signals[name])) names.set(signals[name], name);
}

/** @type {Map<string, number>} */
const numbers = new Map(Object.entries(signals));

/**
 * The number of a signal.
 * @param {any} signal a name in any case, or a number that has a name
 * @returns {number}
 */
function toSignalNumber(signal) {
  if (typeof signal === 'number' && names.has(signal)) return signal;
  if (typeof signal === 'string') {
    const number = numbers.get(signal.toUpperCase());
    if (number !== undefined) return number;
  }
  throw new codes.ERR_UNKNOWN_SIGNAL(signal);
}

/**
 * The option killSignal as a number, or undefined where it was not given.
 * @param {any} signal
 */
function validateKillSignal(signal) {
  if (signal == null) return undefined;
  if (typeof signal !== 'string' && typeof signal !== 'number') {
    throw new codes.ERR_INVALID_ARG_TYPE('options.killSignal', ['string', 'number'], signal);
  }
  return toSignalNumber(signal);
}

/**
 * The name of a signal a child died of; real-time signals have no name of their own in Node.
 * @param {number} number
 * @returns {string}
 */
function toSignalName(number) {
  return names.get(number) ?? `SIGRTMIN+${number - FIRST_REALTIME}`;
}

module.exports = { SIGTERM: signals.SIGTERM, toSignalName, toSignalNumber, validateKillSignal };
