'use strict';

const v8 = require('node:v8');

const { parse, stringify } = JSON;

/** What the advanced format writes before an object V8 cannot serialise by itself. */
const VIEW = 0;
const NOT_A_VIEW = 1;
const PREFIX = 4;
const LONGEST = 0xffff_ffff;
const room = Buffer.alloc(PREFIX);

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
  _readHostObject() {
    switch (this.readUint32()) {
      case VIEW: return super._readHostObject();
      case NOT_A_VIEW: return this.readValue();
      default: throw new Error('an object of an unknown kind');
    }
  }
}

/**
 * A wire format.
 * @typedef {object} Codec
 * @property {number} mode its number for the native side
 * @property {(message: any) => string | Buffer} encode makes a frame; throws as the serialiser does
 * @property {(payload: any) => (string | Buffer)[]} split the frames of a batch
 * @property {(frame: any) => any} decode the message of a frame; throws if there is none
 */

/** @type {Codec} one JSON text a line; the native side adds and removes the newline */
const json = {
  mode: 0,
  // What JSON has no text for becomes 'undefined', which the child cannot read either.
  encode: (message) => `${stringify(message)}`,
  split: (lines) => lines,
  decode: (line) => parse(line),
};

/** @type {Codec} V8's serialisation behind its length, a big-endian u32 */
const advanced = {
  mode: 1,

  encode(message) {
    const serializer = new Serializer();
    serializer.writeRawBytes(room);
    serializer.writeHeader();
    serializer.writeValue(message);
    const frame = serializer.releaseBuffer();
    const length = frame.length - PREFIX;
    if (length > LONGEST) throw new RangeError(`A message of ${length} bytes is too long for the IPC channel`);
    frame.writeUInt32BE(length, 0);
    return frame;
  },

  split(batch) {
    const frames = [];
    for (let end = 0; end < batch.length;) {
      const start = end + PREFIX;
      end = start + batch.readUInt32BE(end);
      frames.push(batch.subarray(start, end));
    }
    return frames;
  },

  decode(frame) {
    const deserializer = new /** @type {any} */ (Deserializer)(frame);
    deserializer.readHeader();
    return deserializer.readValue();
  },
};

/** @type {Record<string, Codec>} by the name that `options.serialization` has */
// @ts-expect-error a null prototype, so that no inherited name answers
const codecs = { __proto__: null, json, advanced };

module.exports = { codecs };
