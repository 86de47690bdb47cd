'use strict';

const path = require('node:path');
const { isDeepStrictEqual, inspect: show } = require('node:util');
const { children, descriptors } = require('./inspect.js');
const { Watcher } = require('./watch.js');

/** What is opened once and kept is no leak: by the engine for its thread, by libuv for its first stream. */
const KEPT_ONCE = { package: ['anon_inode:[eventpoll]', 'anon_inode:[timerfd]', '/dev/null'], 'built-in': ['/dev/null'] };

/** How long descriptors and children may take to go away after the last event. */
const SETTLE_MS = 3000;

/** What a case works with: the implementation, and what it reports to. */
class Context {
  #tally;
  #watcher;
  #before = /** @type {Map<number, string>} */ (new Map());
  #toolsDir;

  /**
   * @param {object} of
   * @param {any} of.cp child_process, this package's or the built-in
   * @param {string} of.packageDir
   * @param {'package' | 'built-in'} of.implementation
   * @param {import('./tally.js').Tally} of.tally
   * @param {boolean} of.long
   * @param {any} of.argument of this run
   * @param {string} of.toolsDir the compiled helpers, and room for files
   */
  constructor({ cp, packageDir, implementation, tally, long, argument, toolsDir }) {
    this.cp = cp;
    this.packageDir = packageDir;
    this.implementation = implementation;
    this.isPackage = implementation === 'package';
    this.long = long;
    this.argument = argument;
    this.#tally = tally;
    this.#watcher = new Watcher(tally);
    this.#toolsDir = toolsDir;
  }

  /** The helper addon; see native/faults.c. */
  get native() {
    return require(this.tool('faults.node'));
  }

  /** @param {string} name of a compiled helper, or of a file to be made */
  tool(name) {
    return path.join(this.#toolsDir, name);
  }

  /** A file of this process only. @param {string} name */
  scratch(name) {
    return path.join(process.env.FAULTS_SCRATCH ?? this.#toolsDir, name);
  }

  /** Where `require()` finds the implementation in other processes and workers. */
  get modulePath() {
    return this.isPackage ? this.packageDir : 'node:child_process';
  }

  /** @param {number} [times] a fault was injected */
  injected(times = 1) {
    this.#tally.add('injected', times);
  }

  /** @param {string} what is not as it should be */
  wrong(what) {
    this.#tally.add('wrong', 1, what);
  }

  /** @param {string} what */
  hang(what) {
    this.#tally.add('hangs', 1, what);
  }

  /** @param {number} number @param {string} what */
  lostBytes(number, what) {
    this.#tally.add('bytes', number, what);
  }

  /** @param {number} number @param {string} what */
  lostExits(number, what) {
    this.#tally.add('exits', number, what);
  }

  /** @param {number} number @param {string} what died without being meant to */
  crash(number, what) {
    this.#tally.add('crashes', number, what);
  }

  /** @param {string} text */
  remark(text) {
    this.#tally.remark(text);
  }

  /** @param {string} reason the rest cannot be run here */
  skip(reason) {
    this.#tally.skip(reason);
  }

  /** @param {any} actual @param {any} expected @param {string} what */
  equal(actual, expected, what) {
    if (!isDeepStrictEqual(actual, expected)) this.wrong(`${what}: ${brief(actual)} instead of ${brief(expected)}`);
  }

  /** @param {any} value @param {string} what */
  ok(value, what) {
    if (!value) this.wrong(what);
  }

  /** @type {Watcher['watch']} */
  watch(child, options) {
    return this.#watcher.watch(child, options);
  }

  /**
   * Waits for a promise, but not for ever.
   * @template T
   * @param {Promise<T>} promise
   * @param {string} what
   * @param {number} [ms]
   * @returns {Promise<T | undefined>}
   */
  within(promise, what, ms = 20_000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.hang(`${what}: nothing after ${ms} ms`);
        resolve(undefined);
      }, ms);
      promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /**
   * Looks until something is true.
   * @param {() => any} isTrue
   * @param {number} [ms]
   * @returns {Promise<boolean>}
   */
  async until(isTrue, ms = SETTLE_MS) {
    for (const end = performance.now() + ms; performance.now() < end; await this.pause(5)) {
      if (isTrue()) return true;
    }
    return Boolean(isTrue());
  }

  /** The same while the event loop stands still. @param {() => any} isTrue @param {number} [ms] */
  untilBlocking(isTrue, ms = SETTLE_MS) {
    for (const end = performance.now() + ms; performance.now() < end; this.block(5)) {
      if (isTrue()) return true;
    }
    return Boolean(isTrue());
  }

  /** @param {number} ms @returns {Promise<void>} */
  pause(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** The event loop stands still. @param {number} ms */
  block(ms) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }

  /** Everything that is made once has been made now: what is open from here on has to be closed. */
  async warmUp() {
    const { cp } = this;
    await this.watch(cp.spawn('true'));
    cp.spawnSync('true');
    await new Promise((resolve) => cp.exec('true', resolve));
    this.setBaseline();
  }

  setBaseline() {
    this.#before = descriptors();
  }

  /** At the end: everything must be as it was. */
  async settle() {
    let leaked = this.#leaked();
    await this.until(() => (leaked = this.#leaked()).length === 0 && children().length === 0);
    if (leaked.length > 0) this.#tally.add('descriptors', leaked.length, `still open: ${leaked.join(', ')}`);
    const left = children();
    const zombies = left.filter(({ state }) => state === 'Z').length;
    this.#tally.add('zombies', zombies, `${zombies} zombies`);
    const alive = left.filter(({ state }) => state !== 'Z');
    if (alive.length > 0) this.wrong(`children left running: ${alive.map(({ name }) => name).join(', ')}`);
    this.#watcher.judge();
  }

  #leaked() {
    const kept = new Set(KEPT_ONCE[this.implementation]);
    return [...descriptors()]
      .filter(([number, what]) => this.#before.get(number) !== what && !kept.delete(what))
      .map(([number, what]) => `${number} → ${what}`);
  }
}

/** @param {any} value */
function brief(value) {
  const text = show(value, { breakLength: Infinity, depth: 4 });
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

module.exports = { Context };
