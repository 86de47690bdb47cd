'use strict';

const EventEmitter = require('node:events');

const tellsUnref = Number.parseInt(process.versions.node, 10) < 24;

/**
 * What `subprocess.channel` is: whether the channel keeps the event loop alive. Once the user has
 * said so with ref() or unref(), the counting methods change nothing any more.
 */
class Control extends EventEmitter {
  #channel;
  #refs = 0;
  #saidByUser = false;

  /** @param {any} channel the native channel */
  constructor(channel) {
    super();
    this.#channel = channel;
  }

  refCounted() {
    if (++this.#refs === 1 && !this.#saidByUser) this.#channel.ref();
  }

  unrefCounted() {
    if (--this.#refs === 0 && !this.#saidByUser) {
      this.#channel.unref();
      if (tellsUnref) this.emit('unref');
    }
  }

  ref() {
    this.#saidByUser = true;
    this.#channel.ref();
  }

  unref() {
    this.#saidByUser = true;
    this.#channel.unref();
  }

  /** The number of the channel's descriptor here, -1 once it is closed. */
  get fd() {
    return this.#channel.fd;
  }
}

module.exports = { Control };
