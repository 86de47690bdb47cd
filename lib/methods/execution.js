'use strict';

const { getSystemErrorName } = require('node:util');
const { isPatched } = require('../child-process.js');
const { codes, genericError } = require('../errors.js');
const { SIGTERM } = require('../options/signals.js');
const { onKilled } = require('../outcome.js');
const { Output } = require('../stdio/output.js');
const { kLimits } = require('../symbols.js');

/** @typedef {any} Child a ChildProcess */

/** What fits into a timer, in milliseconds; the engine's deadlines know no limit. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * One run of execFile(): collects the output, keeps the limits, calls back. While nobody looks at
 * the child's streams the engine does the first two by itself, also when JavaScript is busy.
 */
class Execution {
  #child;
  #command;
  #settings;
  #callback;
  #outputs;
  /** @type {any} */
  #error = null;
  #isKilled = false;
  #isDone = false;
  /** When the time limit began, in milliseconds; not asked for where there is none. */
  #start = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {Child} child
   * @param {string} command for the error
   * @param {Record<string, any>} settings encoding, maxBuffer, timeout, killSignal
   * @param {Function | undefined} callback
   */
  constructor(child, command, settings, callback) {
    this.#child = child;
    this.#command = command;
    this.#settings = settings;
    this.#callback = callback;
    const encoding = settings.encoding !== 'buffer' && Buffer.isEncoding(settings.encoding) ? settings.encoding : null;
    this.#outputs = /** @type {const} */ (['stdout', 'stderr']).map((name, i) =>
      new Output({ child, name, i: i + 1, encoding, maxBuffer: settings.maxBuffer, onOverflow: () => this.#overflow(name) }));
  }

  start() {
    const { killSignal = SIGTERM, timeout } = this.#settings;
    // A kill() of the user's own is to be called, so the limits are kept from here.
    const fromEngine = this.#child.pid !== undefined && !isPatched(this.#child, 'kill');
    this.#child[kLimits] = this.#limits(fromEngine && timeout > 0);
    for (const output of this.#outputs) output.start(fromEngine, killSignal);
    if (timeout > 0) {
      this.#start = performance.now();
      if (fromEngine) this.#child._handle.setDeadline(timeout, killSignal);
      else this.#killAfter(timeout);
    }
    this.#child.addListener('close', (/** @type {number} */ code, /** @type {string} */ signal) => this.#finish(code, signal));
    this.#child.addListener('error', (/** @type {any} */ error) => this.#fail(error));
  }

  /**
   * @param {boolean} hasDeadline
   * @returns {import('../outcome.js').Limits}
   */
  #limits(hasDeadline) {
    return {
      onDeadline: (_child, error) => this.#kill(() => onKilled(this.#child, error)),
      onOverflow: (_child, i, error) => {
        const output = this.#outputs[i - 1];
        output.isOverflowed = true;
        this.#overflow(output.name, () => onKilled(this.#child, error));
      },
      // The engine's deadline goes with the process; the streams may stay open in its children.
      onExit: () => {
        if (hasDeadline && !this.#isDone) this.#killAfter(this.#settings.timeout - (performance.now() - this.#start));
      },
    };
  }

  /** @param {number} ms */
  #killAfter(ms) {
    this.#timer = setTimeout(() => this.#kill(), Math.min(Math.max(ms, 1), MAX_TIMER));
  }

  /**
   * @param {string} name of the stream that is too long
   * @param {() => void} [kill]
   */
  #overflow(name, kill) {
    this.#error = new codes.ERR_CHILD_PROCESS_STDIO_MAXBUFFER(name);
    this.#kill(kill);
  }

  /** @param {() => void} [kill] what has been done already, where the engine did it */
  #kill(kill = () => this.#child.kill(this.#settings.killSignal)) {
    for (const output of this.#outputs) output.destroy();
    this.#isKilled = true;
    try {
      kill();
    } catch (error) {
      this.#error = error;
      this.#finish();
    }
  }

  /** @param {any} error of an 'error' event */
  #fail(error) {
    this.#error = error;
    for (const output of this.#outputs) output.destroy();
    this.#finish();
  }

  /**
   * @param {number} [code]
   * @param {string | null} [signal]
   */
  #finish(code, signal) {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#timer);
    if (!this.#callback) return;
    const [stdout, stderr] = this.#outputs.map((output) => output.result());
    if (!this.#error && code === 0 && signal === null) {
      this.#callback(null, stdout, stderr);
      return;
    }
    this.#error ||= genericError(`Command failed: ${this.#command}\n${stderr}`, {
      code: typeof code === 'number' && code < 0 ? getSystemErrorName(code) : code,
      killed: this.#child.killed || this.#isKilled,
      signal,
    });
    this.#error.cmd = this.#command;
    this.#callback(this.#error, stdout, stderr);
  }
}

module.exports = { Execution };
