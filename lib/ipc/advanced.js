'use strict';

const v8 = require('node:v8');
const { PREFIX, SMALL } = require('./plain/format.js');
const { OTHER, read } = require('./plain/read.js');
const { room, write } = require('./plain/write.js');

const LONGEST = 0xffff_ffff;

/** What the advanced format writes before an object V8 cannot serialise by itself. */
const VIEW = 0;
const NOT_A_VIEW = 1;

const prefix = Buffer.alloc(PREFIX);
/** Small batches, one at a time: a Buffer for each would cost more than what is in it. */
const inbox = Buffer.allocUnsafeSlow(SMALL);

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
 * @param {Buffer} frame which views in the message will share
 */
function deserialize(frame) {
  const deserializer = new /** @type {any} */ (Deserializer)(frame);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** @param {Buffer} bytes */
function copyOf(bytes) {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** @type {import('./codecs.js').Codec} V8's serialisation behind its length, a big-endian u32 */
const advanced = {
  mode: 1,
  room,
  inbox,

  encode(message) {
    const size = write(message);
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

  decode(payload, _count, each) {
    const isInbox = typeof payload === 'number';
    const [batch, size] = isInbox ? [inbox, payload] : [payload, payload.length];
    for (let start = PREFIX, end; start <= size; start = end + PREFIX) {
      end = start + batch.readUInt32BE(start - PREFIX);
      let message = read(batch, start, end);
      if (message === OTHER) {
        try {
          const frame = batch.subarray(start, end);
          message = deserialize(isInbox ? copyOf(frame) : frame);
        } catch (error) {
          each(undefined, error);
          continue;
        }
      }
      each(message);
    }
  },
};

module.exports = { advanced };
