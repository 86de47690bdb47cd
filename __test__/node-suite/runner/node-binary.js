'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');

const REGISTER = path.resolve(__dirname, '../../../register.js');

/**
 * @typedef {object} NodeBinary
 * @property {string} path
 * @property {string} version without the v
 * @property {string} id what results of it are remembered under
 * @property {string} backend of the package under it
 */

/**
 * Looks at the binary that is to run the tests. That the package really stands in for the built-in module there is
 * checked first: otherwise every test would pass and say nothing.
 *
 * @param {string | undefined} given
 * @param {boolean} builtinOnly
 * @returns {NodeBinary}
 */
function findNode(given, builtinOnly) {
  const binary = given === undefined ? process.execPath : path.resolve(given);
  const [version, id] = evaluate(binary, [],
    '[process.versions.node, [process.version, process.platform, process.arch].join("-")]');
  if (builtinOnly) return { path: binary, version, id, backend: 'none' };

  const index = JSON.stringify(path.resolve(REGISTER, '..'));
  const [inPlace, backend] = evaluate(binary, ['-r', REGISTER],
    `[require("child_process").spawn === require(${index}).spawn, require(${index}).backend]`);
  if (!inPlace) throw new Error('register.js left the built-in module in place; nothing would be tested');
  if (backend !== 'native' && process.env.RS_CHILD_PROCESS_BACKEND !== 'node') {
    throw new Error('the package fell back to the built-in module here (is it built?); nothing would be tested');
  }
  return { path: binary, version, id, backend };
}

/**
 * @param {string} binary
 * @param {string[]} flags
 * @param {string} expression
 */
function evaluate(binary, flags, expression) {
  try {
    const args = [...flags, '-p', `JSON.stringify(${expression})`];
    return JSON.parse(execFileSync(binary, args, { encoding: 'utf8', stdio: 'pipe' }));
  } catch (error) {
    const said = /** @type {{ stderr?: string }} */ (error).stderr;
    const reason = said || /** @type {Error} */ (error).message;
    throw new Error(`${[binary, ...flags].join(' ')} does not work:\n${reason}`, { cause: error });
  }
}

module.exports = { findNode, REGISTER };
