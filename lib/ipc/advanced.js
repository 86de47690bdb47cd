'use strict';

const v8 = require('node:v8');
const plain = require('./plain.js');

const { PREFIX } = plain;
const LONGEST = 0xffff_ffff;

/** What the advanced format writes before an object V8 cannot serialise by itself. */
const VIEW = 0;
const NOT_A_VIEW = 1;

/** The tag of an object that came before in the same message. */
const REFERENCE = 0x5e; // ^
/** The tag before the version of V8's format, with which a message begins. */
const VERSION = 0xff;

const NO_MARK = -1;
const UNSURE = Symbol('unsure');

const prefix = Buffer.alloc(PREFIX);

// The methods with an underscore are V8's delegate, as node:v8 documents it; the types omit them.
const DefaultSerializer = /** @type {any} */ (v8.DefaultSerializer);
const DefaultDeserializer = /** @type {any} */ (v8.DefaultDeserializer);

/** Views as they are; other host objects as the plain object of their own properties, like JSON. */
class Serializer extends DefaultSerializer {
  /** @param {any} object */
  _writeHostObject(object) {
    if (ArrayBuffer.isView(object)) {
      this.writeUint32(VIEW);
      return super._writeHostObject(object);
    }
    this.writeUint32(NOT_A_VIEW);
    return this.writeValue({ ...object });
  }
}

/** The reverse. */
class Deserializer extends DefaultDeserializer {
  /** @param {Buffer} bytes */
  constructor(bytes) {
    super(bytes);
  }

  _readHostObject() {
    switch (this.readUint32()) {
      case VIEW: return super._readHostObject();
      case NOT_A_VIEW: return this.readValue();
      default: throw new Error('an object of an unknown kind');
    }
  }

  readMessage() {
    this.readHeader();
    return this.readValue();
  }
}

/**
 * Overwrites the length before a frame with a varint of as many bytes, for a deserialiser to read.
 * @param {Buffer} batch
 * @param {number} at
 * @param {number} length
 * @returns {number} what the deserialiser reads there
 */
function markLength(batch, at, length) {
  batch[at] = length | 0x80;
  batch[at + 1] = (length >>> 7) | 0x80;
  batch[at + 2] = (length >>> 14) | 0x80;
  batch[at + 3] = (length >>> 21) & 0x7f;
  return length & 0x0fff_ffff;
}

/**
 * @param {Buffer} bytes
 * @param {number} byte
 * @param {number} from
 */
function indexOf(bytes, byte, from) {
  const index = bytes.indexOf(byte, from);
  return index < 0 ? Infinity : index;
}

/**
 * The message of a frame by itself.
 * @param {Buffer} frame
 * @param {import('./codecs.js').Each} each
 */
function decodeAlone(frame, each) {
  let message;
  try {
    message = new Deserializer(frame).readMessage();
  } catch (error) {
    return each(undefined, error);
  }
  each(message);
}

/**
 * The message of the frame before which a deserialiser stands.
 * @param {any} deserializer
 * @param {number} mark what it must read behind the frame, if anything
 * @returns {any} the message; UNSURE if the frame by itself might be another, or none
 */
function readOn(deserializer, mark) {
  try {
    const message = deserializer.readMessage();
    return mark === NO_MARK || deserializer.readUint32() === mark ? message : UNSURE;
  } catch {
    return UNSURE;
  }
}

/**
 * The messages of several frames. One deserialiser reads on from frame to frame: to make one takes
 * longer than to read a small message.
 * @param {Buffer} batch
 * @param {import('./codecs.js').Each} each
 */
function decodeTogether(batch, each) {
  let deserializer;
  let reference = -1;
  let length = batch.readUInt32BE(0);
  for (let start = PREFIX, end; start <= batch.length; start = end + PREFIX) {
    end = start + length;
    let mark = NO_MARK;
    if (end < batch.length) {
      length = batch.readUInt32BE(end);
      mark = markLength(batch, end, length);
    }
    if (reference < start) reference = indexOf(batch, REFERENCE, start);
    let message = UNSURE;
    // It knows the objects of the messages before, and their version.
    if (reference >= end && batch[start] === VERSION) {
      deserializer ??= new Deserializer(batch.subarray(start));
      message = readOn(deserializer, mark);
    }
    if (message === UNSURE) {
      deserializer = undefined;
      decodeAlone(batch.subarray(start, end), each);
    } else {
      each(message);
    }
  }
}

/** @type {import('./codecs.js').Codec} V8's serialisation behind its length, a big-endian u32 */
const advanced = {
  mode: 1,
  room: plain.room,

  encode(message) {
    const size = plain.write(message);
    if (size > 0) return size;
    const serializer = new Serializer();
    serializer.writeRawBytes(prefix);
    serializer.writeHeader();
    serializer.writeValue(message);
    const frame = serializer.releaseBuffer();
    const length = frame.length - PREFIX;
    if (length > LONGEST) throw new RangeError(`A message of ${length} bytes is too long for the IPC channel`);
    frame.writeUInt32BE(length, 0);
    return frame;
  },

  decode(batch, count, each) {
    if (count > 1) decodeTogether(batch, each);
    else decodeAlone(batch.subarray(PREFIX), each);
  },
};

module.exports = { advanced };
