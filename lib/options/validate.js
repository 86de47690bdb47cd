'use strict';

const { fileURLToPath } = require('node:url');
const { isUint8Array } = require('node:util').types;
const { codes } = require('../errors.js');
const { checksNumbersUniformly } = require('./running-node.js');

const NO_NULL = 'must be a string without null bytes';
const NO_NULL_PATH = 'must be a string, Uint8Array, or URL without null bytes';

/**
 * Makes a check that refuses with ERR_INVALID_ARG_TYPE.
 * @param {(value: any) => boolean} accepts
 * @param {string | string[]} expected
 * @returns {(value: any, name: string) => void}
 */
function typeCheck(accepts, expected) {
  return (value, name) => {
    if (!accepts(value)) throw new codes.ERR_INVALID_ARG_TYPE(name, expected, value);
  };
}

/** @param {any} value */
const isInt32 = (value) => value === (value | 0);

const validateArray = typeCheck(Array.isArray, 'Array');
const validateBoolean = typeCheck((value) => typeof value === 'boolean', 'boolean');
const validateFunction = typeCheck((value) => typeof value === 'function', 'Function');
const validateNumber = typeCheck((value) => typeof value === 'number', 'number');
const validateObject = typeCheck(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'Object');
const validateShell = typeCheck(
  (value) => typeof value === 'boolean' || typeof value === 'string', ['boolean', 'string']);
const validateString = typeCheck((value) => typeof value === 'string', 'string');
const validateAbortSignal = typeCheck(
  (value) => value === undefined || (typeof value === 'object' && value !== null && 'aborted' in value),
  'AbortSignal');

/**
 * @param {any} value
 * @param {string} name
 * @param {number} min
 * @param {number} max
 */
function validateInteger(value, name, min, max) {
  validateNumber(value, name);
  if (!Number.isInteger(value)) throw new codes.ERR_OUT_OF_RANGE(name, 'an integer', value);
  if (value < min || value > max) throw new codes.ERR_OUT_OF_RANGE(name, `>= ${min} && <= ${max}`, value);
}

/** @type {(value: any, name: string) => void} a user or group id */
const validateId = checksNumbersUniformly ?
  (value, name) => validateInteger(value, name, -(2 ** 31), 2 ** 31 - 1) :
  typeCheck(isInt32, 'int32');

/** @param {any} value milliseconds, or nothing */
function validateTimeout(value) {
  if (value == null) return;
  if (checksNumbersUniformly) {
    validateInteger(value, 'timeout', 0, Number.MAX_SAFE_INTEGER);
  } else if (!Number.isInteger(value) || value < 0) {
    throw new codes.ERR_OUT_OF_RANGE('timeout', 'an unsigned integer', value);
  }
}

/** @param {any} value bytes (Infinity allowed), or nothing */
function validateMaxBuffer(value) {
  if (value == null) return;
  if (checksNumbersUniformly) validateNumber(value, 'options.maxBuffer');
  if (typeof value !== 'number' || !(value >= 0)) {
    throw new codes.ERR_OUT_OF_RANGE(
      'options.maxBuffer', checksNumbersUniformly ? '>= 0' : 'a positive number', value);
  }
}

/**
 * @param {any} value
 * @param {string} name
 * @param {any[]} allowed
 */
function validateOneOf(value, name, allowed) {
  if (allowed.includes(value)) return;
  const shown = allowed.map((item) => (typeof item === 'string' ? `'${item}'` : String(item)));
  throw new codes.ERR_INVALID_ARG_VALUE(name, value, `must be one of: ${shown.join(', ')}`);
}

/**
 * A NUL would end a C string early: what starts would not be what was asked for.
 * @param {any} value strings are checked, other types are not
 * @param {string} name
 */
function validateNoNull(value, name) {
  if (typeof value === 'string' && value.includes('\0')) {
    throw new codes.ERR_INVALID_ARG_VALUE(name, value, NO_NULL);
  }
}

/**
 * @param {ArrayLike<any>} values
 * @param {string} name
 */
function validateNoNulls(values, name) {
  for (let i = 0; i < values.length; i++) validateNoNull(values[i], `${name}[${i}]`);
}

/**
 * A path given as string, Buffer or file URL.
 * @param {any} value
 * @param {string} name
 * @returns {string | Uint8Array}
 */
function validatePath(value, name) {
  // The same duck-typing as everywhere in Node: URLs of another realm pass, legacy url.parse() objects do not.
  const isUrl = Boolean(value?.href && value.protocol && value.auth === undefined && value.path === undefined);
  const path = isUrl ? fileURLToPath(value) : value;
  if (typeof path !== 'string' && !isUint8Array(path)) {
    throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'URL'], path);
  }
  if (typeof path === 'string' ? path.includes('\0') : path.includes(0)) {
    throw new codes.ERR_INVALID_ARG_VALUE(name, path, NO_NULL_PATH);
  }
  return path;
}

module.exports = {
  isInt32,
  validateAbortSignal,
  validateArray,
  validateBoolean,
  validateFunction,
  validateId,
  validateMaxBuffer,
  validateNoNull,
  validateNoNulls,
  validateObject,
  validateOneOf,
  validatePath,
  validateShell,
  validateString,
  validateTimeout,
};
