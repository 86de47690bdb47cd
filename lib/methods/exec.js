'use strict';

const { promisify } = require('node:util');
const { Execution } = require('./execution.js');
const { spawn } = require('./spawn.js');
const { bare } = require('../options/bare.js');
const { normalizeExecArguments, normalizeExecFileArguments } = require('../options/exec-options.js');
const { namesPromisified } = require('../options/running-node.js');
const { validateKillSignal } = require('../options/signals.js');
const { validateMaxBuffer, validateTimeout } = require('../options/validate.js');

/** @typedef {any} Child a ChildProcess */

/** Bytes of output per stream before a child is killed, unless told otherwise. */
const MAX_BUFFER = 1024 * 1024;

const DEFAULTS = {
  encoding: 'utf8',
  timeout: 0,
  maxBuffer: MAX_BUFFER,
  killSignal: 'SIGTERM',
  cwd: null,
  env: null,
  shell: false,
};

/** @type {any[]} the objects whose execFile() a caller of exec() may have replaced */
const faces = [];

/**
 * Runs a command in a shell and collects its output.
 * @param {any} command
 * @param {any} [options]
 * @param {any} [callback]
 * @returns {Child}
 */
function exec(command, options, callback) {
  const normalized = normalizeExecArguments(command, options, callback);
  const face = faces.find((candidate) => candidate.execFile !== execFile) ?? { execFile };
  return face.execFile(normalized.file, normalized.options, normalized.callback);
}

/**
 * Runs a file and collects its output.
 * @param {any} file
 * @param {any} [args]
 * @param {any} [options]
 * @param {any} [callback]
 * @returns {Child}
 */
function execFile(file, args, options, callback) {
  ({ file, args, options, callback } = normalizeExecFileArguments(file, args, options, callback));
  const settings = bare(DEFAULTS, options);
  validateTimeout(settings.timeout);
  validateMaxBuffer(settings.maxBuffer);
  settings.killSignal = validateKillSignal(settings.killSignal);
  const child = spawn(file, args, {
    cwd: settings.cwd,
    env: settings.env,
    gid: settings.gid,
    shell: settings.shell,
    signal: settings.signal,
    uid: settings.uid,
    windowsHide: Boolean(settings.windowsHide),
    windowsVerbatimArguments: Boolean(settings.windowsVerbatimArguments),
  });
  new Execution(child, [file, ...args].join(' '), settings, callback).start();
  return child;
}

/**
 * The promise-returning variant that util.promisify() finds.
 * @param {(...args: any[]) => Child} original
 */
function promisified(original) {
  /** @param {...any} args */
  const variant = (...args) => {
    /** @type {(value: any) => void} */
    let resolve;
    /** @type {(error: any) => void} */
    let reject;
    const promise = new Promise((...functions) => {
      [resolve, reject] = functions;
    });
    // Outside the promise: wrong arguments are thrown, as under the built-in.
    const child = original(...args, (/** @type {any} */ error, /** @type {any} */ stdout, /** @type {any} */ stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(Object.assign(error, { stdout, stderr }));
    });
    return Object.assign(promise, { child });
  };
  return Object.defineProperty(variant, 'name', {
    // @ts-expect-error a null prototype, against a polluted Object.prototype
    __proto__: null, value: namesPromisified ? original.name : '', configurable: true,
  });
}

for (const original of [exec, execFile]) {
  Object.defineProperty(original, promisify.custom, {
    // @ts-expect-error as above
    __proto__: null, value: promisified(original), enumerable: false,
  });
}

module.exports = { MAX_BUFFER, exec, execFile, faces };
