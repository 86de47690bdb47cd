'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/**
 * A folder of this harness in the user's cache, made when missing.
 *
 * @param {...string} parts
 */
function cacheDir(...parts) {
  const home = process.env.XDG_CACHE_HOME;
  const root = home && path.isAbsolute(home) ? home : path.join(os.homedir(), '.cache');
  const dir = path.join(root, 'rs-child-process', 'node-suite', ...parts);
  fs.mkdirSync(dir, { recursive: true });
  return dir;
}

module.exports = { cacheDir };
