'use strict';

const { isDeepStrictEqual } = require('node:util');
const v8 = require('node:v8');
const { SAMPLE, SHORT, SMALL, Tag, VERSION } = require('./format.js');

/** Objects within objects. */
const MOST_DEPTH = 64;
/** Short strings that came before, for the names of properties come again and again; a power of 2. */
const known = Array(256).fill('');

/** What is not plain. */
const OTHER = Symbol('other');

const DOUBLE = Float64Array.BYTES_PER_ELEMENT;
const NOTHING = Buffer.alloc(0);

/** The frame being read. Behind its end are other bytes, or nothing. @type {Buffer} */
let bytes = NOTHING;
/** Where the next byte is. */
let at = 0;
let end = 0;
let depth = 0;

/** @returns {number} of 32 bits, unsigned; -1 if it is longer */
function readVarint() {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
  return -1;
}

/** @returns {any} a string, or OTHER, as with all of these */
function readString() {
  const length = readVarint();
  const start = at;
  at += length;
  if (length < 0 || at > end) return OTHER;
  return length <= SHORT ? readKnown(start, length) : bytes.toString('latin1', start, at);
}

/**
 * @param {number} start
 * @param {number} length
 */
function readKnown(start, length) {
  // FNV-1a.
  let hash = length;
  for (let index = start; index < at; index++) hash = Math.imul(hash ^ bytes[index], 0x0100_0193);
  const slot = (hash ^ (hash >>> 15)) & (known.length - 1);
  const candidate = known[slot];
  let isSame = candidate.length === length;
  for (let index = 0; isSame && index < length; index++) {
    isSame = candidate.charCodeAt(index) === bytes[start + index];
  }
  return isSame ? candidate : (known[slot] = bytes.toString('latin1', start, at));
}

function readInt32() {
  const value = readVarint();
  return (value >>> 1) ^ -(value & 1);
}

function readDouble() {
  const start = at;
  at += DOUBLE;
  return at > end ? OTHER : bytes.readDoubleLE(start);
}

/** @returns {any} */
function readValue() {
  switch (bytes[at++]) {
    case Tag.ONE_BYTE_STRING: return readString();
    case Tag.INT32: return readInt32();
    case Tag.DOUBLE: return readDouble();
    case Tag.TRUE: return true;
    case Tag.FALSE: return false;
    case Tag.UNDEFINED: return undefined;
    case Tag.NULL: return null;
    case Tag.BEGIN_OBJECT: return readObject();
    case Tag.BEGIN_ARRAY: return readArray();
    default: return OTHER;
  }
}

function readObject() {
  if (++depth > MOST_DEPTH) return OTHER;
  /** @type {Record<string, any>} */
  const object = {};
  let count = 0;
  for (let tag = bytes[at++]; tag !== Tag.END_OBJECT; tag = bytes[at++]) {
    if (tag !== Tag.ONE_BYTE_STRING) return OTHER;
    const name = readString();
    // What is inherited may be an accessor, like __proto__, or read-only.
    if (name === OTHER || name in object) return OTHER;
    const value = readValue();
    if (value === OTHER) return OTHER;
    object[name] = value;
    count++;
  }
  depth--;
  return readVarint() === count ? object : OTHER;
}

function readArray() {
  const length = readVarint();
  if (++depth > MOST_DEPTH || length > end - at) return OTHER;
  const array = [];
  for (let index = 0; index < length; index++) {
    const value = readValue();
    if (value === OTHER) return OTHER;
    array[index] = value;
  }
  depth--;
  const isWhole = bytes[at++] === Tag.END_ARRAY && readVarint() === 0 && readVarint() === length;
  return isWhole ? array : OTHER;
}

/**
 * Reads a frame.
 * @param {Buffer} batch
 * @param {number} first where the frame begins, behind its length
 * @param {number} last where it ends
 * @returns {any} the message; OTHER if it is not plain or not small, or no message at all
 */
function read(batch, first, last) {
  const isKnownVersion = batch[first] === Tag.VERSION && batch[first + 1] === VERSION;
  if (!isKnownVersion || last - first > SMALL) return OTHER;
  bytes = batch;
  at = first + 2;
  end = last;
  depth = 0;
  const message = readValue();
  // A large batch must not stay for the small message at its end.
  bytes = NOTHING;
  return at === end ? message : OTHER;
}

const sample = v8.serialize(SAMPLE);
const isKnown = isDeepStrictEqual(read(sample, 0, sample.length), SAMPLE);

module.exports = { OTHER, read: isKnown ? read : () => OTHER };
