'use strict';

const { isProxy } = require('node:util').types;
const v8 = require('node:v8');
const { PREFIX, SAMPLE, SHORT, SMALL, Tag, VERSION } = require('./format.js');

/** What any value but a string needs at most, and what surrounds a string: tags and numbers. */
const MARGIN = 16;
/** Bytes of a character in UTF-8 at most. */
const LONGEST_CHARACTER = 4;
/** Objects whose identity is compared, one by one. */
const MOST_OBJECTS = 64;

const { getPrototypeOf, keys, prototype: ofObjects } = Object;
const { prototype: ofArrays } = Array;
const { toString } = ofObjects;

/** The frame that was written last. Frames of this size are copied when they are sent. */
const room = Buffer.allocUnsafeSlow(SMALL);

/** Where the next byte goes. */
let at = 0;
/** The objects that have begun; one that comes again would be a reference. @type {object[]} */
let seen = [];
/** A message is being written: a getter of it may send another. */
let isWriting = false;

/** @param {number} value of 32 bits, unsigned */
function writeVarint(value) {
  while (value > 0x7f) {
    room[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  room[at++] = value;
}

/** @param {string} text @returns {boolean} whether it has been written, as with all of these */
function writeString(text) {
  const { length } = text;
  if (at + length + MARGIN > room.length) return false;
  room[at++] = Tag.ONE_BYTE_STRING;
  writeVarint(length);
  if (length > SHORT) {
    // As many bytes as characters: ASCII. There is room for one more character, or it might be that
    // many because only some fit.
    const isAscii = room.write(text, at, length + LONGEST_CHARACTER) === length;
    at += length;
    return isAscii;
  }
  let all = 0;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    all |= unit;
    room[at++] = unit;
  }
  return all <= 0xff;
}

/** @param {number} value */
function writeNumber(value) {
  if ((value | 0) === value && !Object.is(value, -0)) {
    room[at++] = Tag.INT32;
    // Zigzag: the sign in the lowest bit.
    writeVarint(((value << 1) ^ (value >> 31)) >>> 0);
  } else {
    room[at++] = Tag.DOUBLE;
    at = room.writeDoubleLE(value, at);
  }
  return true;
}

/** @param {number} tag */
function writeTag(tag) {
  room[at++] = tag;
  return true;
}

/** @param {any} value @returns {boolean} */
function writeValue(value) {
  if (at + MARGIN > room.length) return false;
  switch (typeof value) {
    case 'string': return writeString(value);
    case 'number': return writeNumber(value);
    case 'boolean': return writeTag(value ? Tag.TRUE : Tag.FALSE);
    case 'undefined': return writeTag(Tag.UNDEFINED);
    case 'object': return value === null ? writeTag(Tag.NULL) : writeObject(value);
    default: return false;
  }
}

/** @param {any} object */
function writeObject(object) {
  if (isProxy(object) || seen.length === MOST_OBJECTS || seen.includes(object)) return false;
  seen.push(object);
  const prototype = getPrototypeOf(object);
  if (Array.isArray(object)) return prototype === ofArrays && writeArray(object);
  // A Date or the like may have got another prototype.
  return prototype === ofObjects && toString.call(object) === '[object Object]' && writeProperties(object);
}

/** @param {any} object */
function writeProperties(object) {
  writeTag(Tag.BEGIN_OBJECT);
  const names = keys(object);
  for (const name of names) {
    if (!writeString(name) || !writeValue(object[name])) return false;
  }
  if (at + MARGIN > room.length) return false;
  writeTag(Tag.END_OBJECT);
  writeVarint(names.length);
  return true;
}

/** @param {any[]} array */
function writeArray(array) {
  const { length } = array;
  // Neither holes nor other properties.
  if (at + length > room.length || keys(array).length !== length) return false;
  writeTag(Tag.BEGIN_ARRAY);
  writeVarint(length);
  for (let index = 0; index < length; index++) {
    if (!writeValue(array[index])) return false;
  }
  if (at + MARGIN > room.length) return false;
  writeTag(Tag.END_ARRAY);
  writeVarint(0);
  writeVarint(length);
  return true;
}

/**
 * Writes a frame to `room`, its length included.
 * @param {any} message
 * @returns {number} its size in bytes; 0 if the message is not plain or not small
 */
function write(message) {
  if (isWriting) return 0;
  isWriting = true;
  at = PREFIX;
  try {
    writeTag(Tag.VERSION);
    writeTag(VERSION);
    if (!writeValue(message)) return 0;
    room.writeUInt32BE(at - PREFIX, 0);
    return at;
  } finally {
    isWriting = false;
    seen = [];
  }
}

const isKnown = v8.serialize(SAMPLE).equals(room.subarray(PREFIX, write(SAMPLE)));

module.exports = { room, write: isKnown ? write : () => 0 };
