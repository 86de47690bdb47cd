'use strict';

const diagnosticsChannel = require('node:diagnostics_channel');
const { isMainThread } = require('node:worker_threads');
const { validateNoNull } = require('./validate.js');
const { inheritPermissionFlags } = require('./permission.js');

const COVERAGE = 'NODE_V8_COVERAGE';

/** @type {unknown} the last process.env found to be backed by the environment of the process */
let backed;

/** Whether other threads may write the environment: a worker may have been given it (SHARE_ENV). */
let isShared = false;
diagnosticsChannel.subscribe('worker_threads', () => {
  isShared = true;
});

/**
 * Whether an object is a view of this process's real environment, which the engine can read by
 * itself while no other thread writes it. A worker's copy is not, and neither is a plain object that
 * a test put in its place.
 * @param {any} env process.env
 */
function isRealEnvironment(env) {
  if (!isMainThread || isShared) return false;
  if (env === backed) return true;
  const probe = 'RS_CHILD_PROCESS_PROBE';
  try {
    // The real one takes strings only and says so; anything else takes the accessor.
    Object.defineProperty(env, probe, { get: () => '', configurable: true, enumerable: false });
  } catch {
    backed = env;
    return true;
  }
  delete env[probe];
  return false;
}

/**
 * 'K=V' of each variable that has a value; inherited ones count, as they do in Node.
 * @param {Record<string, any>} env
 * @returns {string[]}
 */
function toPairs(env) {
  const pairs = [];
  for (const key in env) {
    const value = env[key];
    if (value === undefined) continue;
    validateNoNull(key, `options.env['${key}']`);
    validateNoNull(value, `options.env['${key}']`);
    pairs.push(`${key}=${value}`);
  }
  return pairs;
}

/**
 * What a child must get whatever `options.env` says: where coverage is collected, and this
 * process's permissions.
 * @param {Record<string, any>} env
 * @param {boolean} isOwn whether env is the caller's and not process.env
 * @param {any[]} args
 * @returns {Record<string, string>}
 */
function additions(env, isOwn, args) {
  /** @type {Record<string, string>} */
  const added = Object.create(null);
  if (isOwn) {
    const coverage = process.env[COVERAGE];
    if (coverage && !Object.hasOwn(env, COVERAGE)) added[COVERAGE] = coverage;
  }
  const nodeOptions = inheritPermissionFlags(args, env);
  if (nodeOptions !== undefined) added.NODE_OPTIONS = nodeOptions;
  return added;
}

/**
 * The environment of a child as 'K=V' strings; undefined = the engine hands on this process's own,
 * which saves copying it through JavaScript (50 to 170 µs).
 * @param {any} given options.env
 * @param {any[]} args the child's arguments
 * @returns {string[] | undefined}
 */
function environmentPairs(given, args) {
  const env = given || process.env;
  const added = additions(env, Boolean(given), args);
  const isChanged = Object.keys(added).length > 0;
  if (!given && !isChanged && isRealEnvironment(env)) return undefined;
  if (!isChanged) return toPairs(env);
  // With a prototype in between, inherited variables stay and the caller's object is not written to.
  return toPairs({ __proto__: Object(env), ...added });
}

/** @returns {string[]} the pairs that environmentPairs() leaves to the engine */
function inheritedPairs() {
  return toPairs(process.env);
}

module.exports = { environmentPairs, inheritedPairs };
