'use strict';

const v8 = require('node:v8');
const { native } = require('../../backend.js');

/**
 * V8's serialisation of plain messages: objects and arrays of strings, numbers and the like. V8 itself
 * takes several times as long for a small one, nearly all of it to make and collect a serialiser and
 * its buffer. Whatever is not plain, or not small, is left to it.
 */

/** The tags of V8's format that plain messages need. */
const Tag = Object.freeze({
  VERSION: 0xff,
  UNDEFINED: 0x5f, // _
  NULL: 0x30, // 0
  TRUE: 0x54, // T
  FALSE: 0x46, // F
  INT32: 0x49, // I
  DOUBLE: 0x4e, // N
  ONE_BYTE_STRING: 0x22, // "
  BEGIN_OBJECT: 0x6f, // o
  END_OBJECT: 0x7b, // {
  BEGIN_ARRAY: 0x41, // A
  END_ARRAY: 0x24, // $
});

/** Bytes that the length before a frame takes: a big-endian u32. */
const PREFIX = 4;

/** Bytes of a frame up to which it is small. */
const SMALL = native.SMALL_FRAME;

/** The version of the format that this V8 writes. */
const [, VERSION] = v8.serialize(null);

/** Characters up to which a string is copied one by one rather than by a call. */
const SHORT = 32;

/** A message of every kind that is plain, to see whether this V8 writes what is known here. */
const SAMPLE = Object.freeze({
  text: 'é', more: 'x'.repeat(SHORT + 1), list: [1, -1, 0.5, -0, 2 ** 31, null, undefined, true, false, {}],
});

module.exports = { PREFIX, SAMPLE, SHORT, SMALL, Tag, VERSION };
