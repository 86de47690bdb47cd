'use strict';

/**
 * Chooses who starts processes: the native engine, or Node's own child_process where the engine
 * does not run. RS_CHILD_PROCESS_BACKEND=native|node forces the choice.
 */

const { genericError } = require('./errors.js');

const SWITCH = 'RS_CHILD_PROCESS_BACKEND';
const CHOICES = ['native', 'node'];
const MIN_NODE = 20;

// A copy: register.js overwrites the properties of the original.
const builtin = { ...require('node:child_process') };

/** @returns {string | undefined} why this runtime is not one for the engine */
function unsupported() {
  const { bun, deno, node } = /** @type {Record<string, string>} */ (process.versions);
  if (bun) return `the engine runs in Node.js only, not in Bun ${bun}`;
  if (deno) return `the engine runs in Node.js only, not in Deno ${deno}`;
  if (Number.parseInt(node, 10) < MIN_NODE) return `the engine needs Node.js ${MIN_NODE} or newer, this is ${node}`;
  if (process.platform !== 'linux') return `the engine runs on Linux only, this is ${process.platform}`;
  return undefined;
}

/** @returns {string} the C library of this process */
function libc() {
  const { header } = /** @type {any} */ (process.report.getReport());
  return header.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : 'musl';
}

/**
 * The messages of an error and of its causes: the loader has one for each place it looked at.
 * @param {any} error
 * @returns {string[]}
 */
function messages(error) {
  const found = [];
  for (let cause = error; cause; cause = cause.cause) found.push(String(cause.message ?? cause).split('\n')[0]);
  return found;
}

/** @returns {{ native?: any, reason?: string, cause?: any }} the native module, or why there is none */
function load() {
  const reason = unsupported();
  if (reason) return { reason };
  try {
    return { native: require('./native') };
  } catch (cause) {
    return { reason: `the native module cannot be loaded (${messages(cause).join('; ')})`, cause };
  }
}

/**
 * @param {string | undefined} reason
 * @param {any} cause
 */
function unavailable(reason, cause) {
  const where = process.platform === 'linux' ? `, ${libc()}` : '';
  return genericError(
    `${SWITCH}=native, but ${reason}. This is ${process.platform}-${process.arch}${where}, Node.js ` +
    `${process.versions.node}. Install rs-child-process again without --omit=optional, or run ` +
    '`npm run build` in a checkout; without the variable node:child_process is used instead.',
    { code: 'ERR_RS_CHILD_PROCESS_BACKEND', cause });
}

/** @returns {{ name: 'native' | 'node', native: any, builtin: typeof builtin }} */
function choose() {
  const forced = process.env[SWITCH];
  if (forced && !CHOICES.includes(forced)) {
    throw genericError(`${SWITCH} is '${forced}'; it can be 'native' or 'node'.`, { code: 'ERR_RS_CHILD_PROCESS_BACKEND' });
  }
  if (forced === 'node') return { name: 'node', native: undefined, builtin };
  const { native, reason, cause } = load();
  if (native) return { name: 'native', native, builtin };
  if (forced === 'native') throw unavailable(reason, cause);
  process.emitWarning(
    `rs-child-process uses node:child_process, since ${reason}. ${SWITCH}=node silences this warning.`,
    { type: 'RsChildProcessWarning', code: 'RS_CHILD_PROCESS_FALLBACK' });
  return { name: 'node', native: undefined, builtin };
}

module.exports = choose();
