'use strict';

const { state } = require('./inspect.js');

/** @typedef {ReturnType<typeof newRecord>} Record */

function newRecord() {
  return {
    pid: /** @type {number | undefined} */ (undefined),
    exits: 0,
    closes: 0,
    errors: /** @type {any[]} */ ([]),
    code: /** @type {number | null | undefined} */ (undefined),
    signal: /** @type {string | null | undefined} */ (undefined),
    stdout: /** @type {Buffer[]} */ ([]),
    exitAfter: NaN,
    closeAfter: NaN,
    get text() {
      return Buffer.concat(this.stdout).toString();
    },
  };
}

/** Keeps an account of every child: each must exit once and close once, or fail once. */
class Watcher {
  #tally;
  #records = /** @type {Record[]} */ ([]);

  /** @param {import('./tally.js').Tally} tally */
  constructor(tally) {
    this.#tally = tally;
  }

  /**
   * Notes what a child tells until it closes, or its start fails.
   * @param {any} child
   * @param {{ ms?: number, collect?: boolean }} [options] ms: how long it may take at most
   * @returns {Promise<Record>}
   */
  watch(child, { ms = 10_000, collect = true } = {}) {
    const record = newRecord();
    const start = performance.now();
    record.pid = child.pid;
    this.#records.push(record);
    if (collect) child.stdout?.on('data', (/** @type {Buffer} */ data) => record.stdout.push(data));
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#judgeSilence(record, ms);
        resolve(record);
      }, ms);
      const finish = () => {
        clearTimeout(timer);
        resolve(record);
      };
      child.on('error', (/** @type {any} */ error) => {
        record.errors.push(error);
        if (record.pid === undefined) finish();
      });
      child.on('exit', (/** @type {any} */ code, /** @type {any} */ signal) => {
        record.exits++;
        record.exitAfter = performance.now() - start;
        Object.assign(record, { code, signal });
      });
      child.on('close', () => {
        record.closes++;
        record.closeAfter = performance.now() - start;
        finish();
      });
    });
  }

  /**
   * @param {Record} record
   * @param {number} ms
   */
  #judgeSilence(record, ms) {
    const { exits, pid } = record;
    const now = pid === undefined ? undefined : state(pid);
    if (exits > 0) this.#tally.add('hangs', 1, `no 'close' after the exit within ${ms} ms`);
    else if (now === undefined || now === 'Z') this.#tally.add('exits', 1, `the end of a child was not told within ${ms} ms`);
    else this.#tally.add('hangs', 1, `a child still runs after ${ms} ms`);
    // It is counted; not again at the end.
    record.exits = record.closes = 1;
  }

  /** At the end: nothing may have come twice. */
  judge() {
    for (const { closes, errors, exits, pid } of this.#records) {
      if (pid === undefined) {
        if (exits > 0) this.#tally.add('wrong', 1, 'an exit of a child that never started');
        if (errors.length !== 1) this.#tally.add('wrong', 1, `${errors.length} 'error' events of one failed start`);
      } else if (exits === 0) {
        this.#tally.add('exits', 1, `no exit${errors.length > 0 ? `, but ${errors[0].message}` : ''}`);
      } else if (exits > 1 || closes > 1) {
        this.#tally.add('wrong', 1, `${exits} exits and ${closes} closes of one child`);
      }
    }
  }
}

module.exports = { Watcher };
