'use strict';

const fs = require('node:fs');

/** What is counted; the order is that of the table. */
const COUNTS = /** @type {const} */ (['injected', 'exits', 'bytes', 'descriptors', 'zombies', 'hangs', 'crashes', 'wrong']);

/** At most so many remarks are kept of one process. */
const MOST_REMARKS = 12;

/**
 * The counts of one process. They are written down as they change, so that a crash loses none.
 */
class Tally {
  #fd;
  #remarks = /** @type {string[]} */ ([]);
  #skipped = /** @type {string | undefined} */ (undefined);
  #isDone = false;

  /** @param {string} file */
  constructor(file) {
    this.#fd = fs.openSync(file, 'w');
    /** @type {Record<string, number>} */
    this.counts = Object.fromEntries(COUNTS.map((name) => [name, 0]));
    this.#save();
  }

  /**
   * @param {string} name one of COUNTS
   * @param {number} number
   * @param {string} [remark] what was seen
   */
  add(name, number, remark) {
    if (number === 0) return;
    this.counts[name] += number;
    if (remark) this.remark(remark);
    else this.#save();
  }

  /** @param {string} text */
  remark(text) {
    if (this.#remarks.length < MOST_REMARKS) this.#remarks.push(text);
    this.#save();
  }

  /** @param {string} reason */
  skip(reason) {
    this.#skipped = reason;
    this.#save();
  }

  done() {
    this.#isDone = true;
    this.#save();
  }

  #save() {
    const { counts } = this;
    const text = JSON.stringify({ counts, remarks: this.#remarks, skipped: this.#skipped, done: this.#isDone });
    // Padded: a shorter text leaves nothing of a longer one.
    fs.writeSync(this.#fd, `${text}${' '.repeat(64)}\n`, 0);
  }
}

module.exports = { COUNTS, Tally };
