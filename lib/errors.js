'use strict';

const { inspect, getSystemErrorName } = require('node:util');

/** @typedef {Error & { code?: string | number, errno?: number, syscall?: string, path?: string, spawnargs?: string[], step?: string }} SystemError */

const TYPE_NAMES = new Set([
  'string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol',
]);
const CLASS_NAME = /^(?:[A-Z][a-z0-9]*)+$/;
const MAX_INSPECTED = 128;
const MAX_RECEIVED = 28;

/**
 * 'a', 'a or b', 'a, b, or c'.
 * @param {string[]} words
 * @param {string} conjunction
 */
function list(words, conjunction) {
  if (words.length < 3) return words.join(` ${conjunction} `);
  return `${words.slice(0, -1).join(', ')}, ${conjunction} ${words[words.length - 1]}`;
}

/** @param {string} name 'options.cwd' is a property, 'file' an argument */
function kindOf(name) {
  return name.includes('.') ? 'property' : 'argument';
}

/** @type {Record<string, (value: any) => string>} what was received instead, by its typeof */
const RECEIVED = {
  // @ts-expect-error a null prototype, so that no inherited name answers
  __proto__: null,
  undefined: () => 'undefined',
  bigint: (value) => `type bigint (${value}n)`,
  number: (value) => `type number (${Object.is(value, -0) ? '-0' : value})`,
  boolean: (value) => `type boolean (${value})`,
  symbol: (value) => `type symbol (${String(value)})`,
  function: (value) => `function ${value.name}`,
  string(value) {
    const text = value.length > MAX_RECEIVED ? `${value.slice(0, MAX_RECEIVED - 3)}...` : value;
    return `type string (${text.includes("'") ? JSON.stringify(text) : `'${text}'`})`;
  },
  object(value) {
    if (value === null) return 'null';
    const { constructor } = value;
    if (constructor && 'name' in constructor) return `an instance of ${constructor.name}`;
    return inspect(value, { depth: -1 });
  },
};

/**
 * The expected types, sorted into "of type x", "an instance of Y" and the rest.
 * @param {string[]} expected
 */
function describeExpected(expected) {
  const types = expected.filter((name) => TYPE_NAMES.has(name)).map((name) => name.toLowerCase());
  const classes = expected.filter((name) => !TYPE_NAMES.has(name) && CLASS_NAME.test(name));
  const others = expected.filter((name) => !TYPE_NAMES.has(name) && !CLASS_NAME.test(name));
  const phrases = [];
  if (types.length > 0) phrases.push(`${types.length > 1 ? 'one of type' : 'of type'} ${list(types, 'or')}`);
  if (classes.length > 0) phrases.push(`an instance of ${list(classes, 'or')}`);
  if (others.length > 0) phrases.push(list(others, 'or'));
  return phrases.join(' or ');
}

/** @param {any} value a number or anything else; long integers get separators */
function inspectNumber(value) {
  if (!Number.isInteger(value) || Math.abs(value) <= 2 ** 32) return inspect(value);
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, '_');
}

/**
 * Every code: the class its errors are instances of, and the text.
 * @type {Record<string, [ErrorConstructor, (...args: any[]) => string]>}
 */
const TEXTS = {
  // @ts-expect-error a null prototype, as above
  __proto__: null,
  ERR_CHILD_CLOSED_BEFORE_REPLY: [Error, () => 'Child closed before reply received'],
  ERR_CHILD_PROCESS_IPC_REQUIRED: [
    Error, (name) => `Forked processes must have an IPC channel, missing value 'ipc' in ${name}`],
  ERR_CHILD_PROCESS_STDIO_MAXBUFFER: [RangeError, (name) => `${name} maxBuffer length exceeded`],
  ERR_INVALID_ARG_TYPE: [
    TypeError,
    /** @type {(name: string, expected: string | string[], actual: any) => string} */
    (name, expected, actual) => `The "${name}" ${kindOf(name)} must be ${
      describeExpected(typeof expected === 'string' ? [expected] : expected)}. Received ${
      RECEIVED[typeof actual](actual)}`],
  ERR_INVALID_ARG_VALUE: [
    TypeError,
    (name, value, reason = 'is invalid') => {
      const shown = inspect(value);
      return `The ${kindOf(name)} '${name}' ${reason}. Received ${
        shown.length > MAX_INSPECTED ? `${shown.slice(0, MAX_INSPECTED)}...` : shown}`;
    }],
  ERR_INVALID_HANDLE_TYPE: [TypeError, () => 'This handle type cannot be sent'],
  ERR_INVALID_SYNC_FORK_INPUT: [
    TypeError,
    (shown) => `Asynchronous forks do not support Buffer, TypedArray, DataView or string input: ${shown}`],
  ERR_IPC_CHANNEL_CLOSED: [Error, () => 'Channel closed'],
  ERR_IPC_DISCONNECTED: [Error, () => 'IPC channel is already disconnected'],
  ERR_IPC_FRAME_INVALID: [Error, (why) => `A message on the IPC channel cannot be read: ${why}`],
  ERR_IPC_FRAME_TOO_LARGE: [RangeError, (limit) => `A message on the IPC channel is longer than ${limit} bytes`],
  ERR_IPC_ONE_PIPE: [Error, () => 'Child process can have only one IPC pipe'],
  ERR_IPC_SYNC_FORK: [Error, () => 'IPC cannot be used with synchronous forks'],
  ERR_MISSING_ARGS: [
    TypeError,
    (...names) => `The ${list(names.map((name) => `"${name}"`), 'and')} argument${
      names.length > 1 ? 's' : ''} must be specified`],
  ERR_OUT_OF_RANGE: [
    RangeError,
    (name, range, actual) => `The value of "${name}" is out of range. It must be ${range}. Received ${
      inspectNumber(actual)}`],
  ERR_UNKNOWN_SIGNAL: [TypeError, (signal) => `Unknown signal: ${typeof signal === 'string' ? signal : inspect(signal)}`],
};

/**
 * Defines the class of one code. Its instances look like Node's own: `code` is their only
 * enumerable property, `constructor` is the base class, stack and toString() show the code.
 * @param {string} code
 * @param {ErrorConstructor} Base
 * @param {(...args: any[]) => string} text
 */
function defineError(code, Base, text) {
  return class NodeError extends Base {
    /** @param {...any} args */
    constructor(...args) {
      super(text(...args));
      this.code = code;
      // The header of a stack is written when the stack is first read: show the code there, then
      // leave `name` to the prototype again.
      const name = super.name;
      Object.defineProperty(this, 'name', {
        // @ts-expect-error a null prototype, against a polluted Object.prototype
        __proto__: null, value: `${name} [${code}]`, configurable: true, enumerable: false, writable: true,
      });
      this.stack;
      // @ts-expect-error own property, defined above
      delete this.name;
    }

    get ['constructor']() {
      return Base;
    }

    toString() {
      return `${this.name} [${code}]: ${this.message}`;
    }
  };
}

/** @type {Record<string, new (...args: any[]) => Error & { code: string }>} the error classes by code */
const codes = Object.create(null);
for (const code of Object.keys(TEXTS)) codes[code] = defineError(code, ...TEXTS[code]);

/** The error of an aborted operation. */
class AbortError extends Error {
  /**
   * @param {string} [message]
   * @param {{ cause?: any }} [options]
   */
  constructor(message = 'The operation was aborted', options = undefined) {
    super(message, options);
    this.code = 'ABORT_ERR';
    this.name = 'AbortError';
  }
}

/**
 * A plain Error with further properties.
 * @param {string} message
 * @param {object} properties
 * @returns {Error & Record<string, any>}
 */
function genericError(message, properties) {
  return Object.assign(new Error(message), properties);
}

/**
 * The error of a failed system call.
 * @param {number} errno negative, as libuv's
 * @param {string} syscall
 * @param {object} [properties] further ones
 * @returns {SystemError}
 */
function errnoException(errno, syscall, properties) {
  const code = getSystemErrorName(errno);
  return genericError(`${syscall} ${code}`, { errno, code, syscall, ...properties });
}

/**
 * The error of a process that could not be started or run.
 * @param {number} errno
 * @param {string} syscall
 * @param {string} file
 * @param {any[]} args argv[0] included
 * @param {string} step of the start that failed, if it was one: cwd and file can both be missing
 * @returns {SystemError}
 */
function startException(errno, syscall, file, args, step) {
  return errnoException(errno, syscall, { ...(file && { path: file }), spawnargs: args.slice(1), ...(step && { step }) });
}

module.exports = { codes, AbortError, genericError, errnoException, startException };
