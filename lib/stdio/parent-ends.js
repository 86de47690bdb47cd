'use strict';

const { kIsUsedAsStdio } = require('../symbols.js');
const { createEndedSocket, createSocket } = require('./sockets.js');

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {(socket: Socket) => void} OnTaken */
/** @typedef {{ state: number, socket: Socket | null, onTaken: OnTaken | null }} End */

/** Who has the parent end. */
const State = {
  /** The engine; nobody has looked yet. */
  Untouched: 0,
  /** The engine, which collects what comes. */
  Captured: 1,
  /** The engine, which throws away what comes after the exit. */
  Draining: 2,
  /** Nobody: it came to its end in the engine. */
  Ended: 3,
  /** A socket of this process. */
  Taken: 4,
};

/**
 * The parent ends of a child's pipes. An end stays in the engine until somebody looks at its
 * stream: a net.Socket costs 40 µs, and most children's streams are never looked at.
 */
class ParentEnds {
  /** @type {(End | null)[]} */
  #ends;
  #handle;
  #resource;
  #onClosed;
  #onIdle;
  #isFlushed = false;
  /** There are ends that nobody has looked at, and will not. */
  #isLeft = false;

  /**
   * @param {object} of
   * @param {any} of.handle the native handle; it outlives child._handle here
   * @param {import('./plan.js').Slot[]} of.slots
   * @param {import('node:async_hooks').AsyncResource} of.resource streams are made in its context
   * @param {() => void} of.onClosed one of the awaited ends has closed
   * @param {() => void} of.onIdle the child is gone, and so are all ends from the engine
   */
  constructor({ handle, slots, resource, onClosed, onIdle }) {
    this.#handle = handle;
    this.#resource = resource;
    this.#onClosed = onClosed;
    this.#onIdle = onIdle;
    this.#ends = slots.map(({ type, ipc }) =>
      ((type === 'pipe' || type === 'overlapped') && !ipc ?
        { state: State.Untouched, socket: null, onTaken: null } :
        null));
    /** How many ends 'close' waits for: stdin is not among them. */
    this.awaited = this.#ends.filter((end, i) => end && i > 0).length;
  }

  /** Whether the engine may still have an end to report. */
  get #isPending() {
    return !this.#isFlushed || this.#ends.some((end) => end?.state === State.Captured || end?.state === State.Draining);
  }

  /**
   * The stream of one end, made now if need be; null where there is no pipe.
   * @param {number} i
   * @returns {Socket | null}
   */
  stream(i) {
    const end = this.#ends[i];
    if (!end) return null;
    end.socket ??= this.#resource.runInAsyncScope(() => this.#take(end, i));
    return end.socket;
  }

  /** @returns {(Socket | null)[]} */
  streams() {
    return this.#ends.map((_end, i) => this.stream(i));
  }

  /**
   * @param {number} i
   * @returns {boolean} whether there is an end that nobody has looked at
   */
  isUntouched(i) {
    return this.#ends[i]?.state === State.Untouched;
  }

  /**
   * @param {number} i
   * @returns {Socket | null} the stream, if it has been made
   */
  peek(i) {
    return this.#ends[i]?.socket ?? null;
  }

  /** Makes the streams that keep the event loop alive while they read, as the built-in's do. */
  takeReadable() {
    this.#ends.forEach((end, i) => {
      if (i > 0 && (end?.state === State.Untouched || end?.state === State.Captured)) this.stream(i);
    });
  }

  /** After the exit nobody reads what is written to stdin: whoever looks now finds it closed. */
  closeStdin() {
    if (!this.isUntouched(0)) return;
    /** @type {End} */ (this.#ends[0]).state = State.Ended;
    this.#isLeft = true;
  }

  /** After the exit: reads what nobody has asked for, so that every end comes to its end. */
  flush() {
    for (const end of this.#ends) {
      if (end?.state === State.Untouched) {
        end.state = State.Draining;
        this.#isLeft = true;
      } else if (end?.socket?.readable && !(/** @type {any} */ (end.socket)[kIsUsedAsStdio])) {
        end.socket.resume();
      }
    }
    const ended = this.#isLeft ? this.#handle.drain() : 0;
    // Not at once, even so: who awaits 'exit' must come in time to wait for 'close'.
    if (ended !== 0) setImmediate(() => this.onEnds(ended));
    this.#isFlushed = true;
    if (!this.#isPending) this.#onIdle();
  }

  /**
   * Lets the engine collect what comes.
   * @param {number} i
   * @param {number} limit bytes; above it the engine kills the child
   * @param {number} signal
   * @param {OnTaken} onTaken told when somebody looks after all
   * @returns {boolean} whether it does: it may run out of things to watch with
   */
  capture(i, limit, signal, onTaken) {
    const end = /** @type {End} */ (this.#ends[i]);
    if (this.#handle.capture(i, limit, signal) !== 0) return false;
    end.state = State.Captured;
    end.onTaken = onTaken;
    return true;
  }

  /**
   * What the engine collected of an end that nobody took. An end still open is closed. Once.
   * @param {number} i
   * @param {boolean} asText whether a short output is wanted as a string
   * @returns {Buffer | string | null}
   */
  collected(i, asText) {
    const end = /** @type {End} */ (this.#ends[i]);
    if (end.state === State.Ended) return this.#handle.captured(i, asText);
    const data = this.#handle.releaseStream(i);
    this.#handle.closeStream(i);
    // A destroyed stream closes later, not within destroy(): neither does this.
    setImmediate(this.#onClosed);
    this.#leaveEngine(end, State.Ended);
    return data;
  }

  /**
   * An end came to its end in the engine.
   * @param {number} i
   */
  onEnd(i) {
    const end = this.#ends[i];
    if (end?.state !== State.Captured && end?.state !== State.Draining) return;
    this.#leaveEngine(end, State.Ended);
    this.#onClosed();
  }

  /**
   * The same of several.
   * @param {number} ends a bit each
   */
  onEnds(ends) {
    for (let i = 0; ends !== 0; i++, ends >>>= 1) {
      if (ends & 1) this.onEnd(i);
    }
  }

  /**
   * @param {End} end
   * @param {number} i
   * @returns {Socket}
   */
  #take(end, i) {
    const isReadable = i > 0;
    if (end.state === State.Draining || end.state === State.Ended) return createEndedSocket(isReadable);
    const { onTaken } = end;
    const data = end.state === State.Captured ? this.#handle.releaseStream(i) : null;
    const socket = createSocket(this.#handle, i, isReadable, data);
    if (isReadable) socket.on('close', this.#onClosed);
    this.#leaveEngine(end, State.Taken);
    onTaken?.(socket);
    return socket;
  }

  /**
   * @param {End} end
   * @param {number} state
   */
  #leaveEngine(end, state) {
    end.state = state;
    end.onTaken = null;
    if (!this.#isPending) this.#onIdle();
  }
}

module.exports = { ParentEnds };
