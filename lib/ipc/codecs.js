'use strict';

const { advanced } = require('./advanced.js');
const { json } = require('./json.js');

/**
 * Takes a message, or the error why a frame is none.
 * @typedef {(message: any, error?: any) => void} Each
 */

/**
 * A wire format.
 * @typedef {object} Codec
 * @property {number} mode its number for the native side
 * @property {Buffer} [room] where frames that are sent may be
 * @property {Buffer} [inbox] where frames that came may be
 * @property {(message: any) => string | Buffer | number} encode makes a frame: itself, or its size in
 *   `room`, from where it must be sent at once; throws as the serialiser does
 * @property {(payload: any, count: number, each: Each) => void} decode what the native side delivers
 */

/** @type {Record<string, Codec>} by the name that `options.serialization` has */
// @ts-expect-error a null prototype, so that no inherited name answers
const codecs = { __proto__: null, json, advanced };

module.exports = { codecs };
