'use strict';

/*
 * Preloaded, after register.js, into tests that start with --expose-internals. They replace functions of Node's
 * internal/child_process to see what passes through them; here those functions lead to this package's own:
 *
 *   ChildProcess    the class, whose prototype the tests patch
 *   getValidStdio   the plan that options.stdio becomes
 *   spawnSync       what the *Sync functions end in, with normalised options; a test may put its own in its place
 */

const { backend } = require('../../../index.js');

/** @type {Record<string, any>} */
// @ts-expect-error There for tests with --expose-internals only.
const internal = require('internal/child_process'); // eslint-disable-line n/no-missing-require

/**
 * Defines what reads like the constant it was for the built-in module and can still be replaced by a test.
 *
 * @param {string} name
 * @param {unknown} value
 */
function lead(name, value) {
  Object.defineProperty(internal, name, { configurable: true, enumerable: true, writable: true, value });
}

// Under Node's permission model, for one, the package falls back: then there is nothing to lead to.
if (backend === 'native') {
  const { ChildProcess } = require('../../../lib/child-process.js');
  const { getValidStdio } = require('../../../lib/stdio/plan.js');
  const { internals } = require('../../../lib/methods/sync.js');
  const { run } = internals;
  lead('ChildProcess', ChildProcess);
  lead('getValidStdio', getValidStdio);
  lead('spawnSync', run);
  // Looked up for each call, as the built-in does: this is where a test's replacement comes in.
  internals.run = (/** @type {any} */ options) => internal.spawnSync(options);
}
