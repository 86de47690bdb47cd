'use strict';

const { StringDecoder } = require('node:string_decoder');
const { peekStream } = require('./accessors.js');
const { kStreams } = require('../symbols.js');

/**
 * The collected output of one stream of an execFile(): by the engine while nobody looks at the
 * stream, from its 'data' events otherwise.
 */
class Output {
  /** Whether the engine found it too long. */
  isOverflowed = false;
  #child;
  #i;
  #encoding;
  #maxBuffer;
  #onOverflow;
  #isCaptured = false;
  #isCut = false;
  /** @type {Buffer | string | null | undefined} what the engine collected */
  #collected;
  /** @type {any[]} what came as 'data' */
  #chunks = [];
  #length = 0;

  /**
   * @param {object} of
   * @param {any} of.child its ChildProcess
   * @param {'stdout' | 'stderr'} of.name
   * @param {number} of.i its place in the child's stdio
   * @param {BufferEncoding | null} of.encoding null = bytes
   * @param {number} of.maxBuffer bytes
   * @param {() => void} of.onOverflow not called where the engine collects: it reports by itself
   */
  constructor({ child, name, i, encoding, maxBuffer, onOverflow }) {
    this.name = name;
    this.#child = child;
    this.#i = i;
    this.#encoding = encoding;
    this.#maxBuffer = maxBuffer;
    this.#onOverflow = onOverflow;
  }

  /**
   * @param {boolean} fromEngine whether the engine may collect
   * @param {number} signal what it kills with
   */
  start(fromEngine, signal) {
    this.#isCaptured = fromEngine && this.#capture(signal);
    if (!this.#isCaptured && this.#child[this.name]) this.#follow(this.#child[this.name]);
  }

  /**
   * Hands the stream to the engine, until somebody looks at it.
   * @param {number} signal
   * @returns {boolean} whether the engine has it
   */
  #capture(signal) {
    const ends = this.#child[kStreams];
    if (!ends?.isUntouched(this.#i)) return false;
    const limit = this.#maxBuffer === undefined ? Infinity : Number(this.#maxBuffer);
    return ends.capture(this.#i, limit, signal, (/** @type {any} */ stream) => {
      this.#isCaptured = false;
      this.#follow(stream);
    });
  }

  /** Stops collecting. */
  destroy() {
    this.#isCut = true;
    if (this.#isCaptured) this.#collected ??= this.#child[kStreams].collected(this.#i, false);
    else peekStream(this.#child, this.name, this.#i)?.destroy();
  }

  /** @returns {string | Buffer} */
  result() {
    if (this.#isCaptured) {
      this.#collected ??= this.#child[kStreams].collected(this.#i, this.#encoding === 'utf8');
      return typeof this.#collected === 'string' ? this.#collected : this.#decode(this.#collected ?? Buffer.alloc(0));
    }
    const isText = this.#encoding || peekStream(this.#child, this.name, this.#i)?.readableEncoding;
    return isText ? this.#chunks.join('') : Buffer.concat(this.#chunks);
  }

  /** @param {Buffer} bytes */
  #decode(bytes) {
    const limit = this.isOverflowed ? this.#maxBuffer : undefined;
    if (!this.#encoding) return bytes.subarray(0, limit);
    const decoder = new StringDecoder(this.#encoding);
    const text = decoder.write(bytes);
    // The limit counts bytes but cuts characters, as the built-in does.
    return this.#isCut ? text.slice(0, limit) : text + decoder.end();
  }

  /** @param {any} stream */
  #follow(stream) {
    if (this.#encoding) stream.setEncoding(this.#encoding);
    stream.on('data', (/** @type {any} */ chunk) => this.#add(chunk, stream.readableEncoding));
  }

  /**
   * @param {any} chunk
   * @param {BufferEncoding | null} encoding of the chunk; the user may have set another
   */
  #add(chunk, encoding) {
    const length = encoding ? Buffer.byteLength(chunk, encoding) : chunk.length;
    this.#length += length;
    if (this.#length > this.#maxBuffer) {
      this.#chunks.push(chunk.slice(0, this.#maxBuffer - (this.#length - length)));
      this.#onOverflow();
    } else {
      this.#chunks.push(chunk);
    }
  }
}

module.exports = { Output };
