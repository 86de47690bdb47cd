'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { buildHelpers } = require('../native/build.js');

/** @param {string} name */
function isInPath(name) {
  return (process.env.PATH ?? '').split(':').some((dir) => {
    try {
      fs.accessSync(path.join(dir, name), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What is there to work with; asked for once each. */
class Tools {
  #dir;
  #helpers = /** @type {{ missing: string | undefined } | undefined} */ (undefined);

  /** @param {string} dir for the compiled helpers */
  constructor(dir) {
    this.#dir = dir;
  }

  /**
   * @param {string} name of a tool, 'cc' or 'root'
   * @returns {string | undefined} why it is not there
   */
  missing(name) {
    if (name === 'root') return process.getuid?.() === 0 ? undefined : 'it takes the superuser';
    if (name !== 'cc') return isInPath(name) ? undefined : `${name} is not installed`;
    this.#helpers ??= { missing: buildHelpers(this.#dir) };
    return this.#helpers.missing;
  }
}

module.exports = { Tools };
