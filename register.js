'use strict';

/**
 * Puts this package in the place of Node's child_process, for everything that asks for it from now
 * on: node -r rs-child-process/register app.js
 */

const { syncBuiltinESMExports } = require('node:module');
const builtin = require('node:child_process');
const ours = require('./index.js');

const NAMES = /** @type {const} */ ([
  'ChildProcess', 'exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync']);

if (ours.backend === 'native') {
  // In place: whoever holds the module's exports already sees the change too.
  for (const name of NAMES) /** @type {any} */ (builtin)[name] = ours[name];
  syncBuiltinESMExports();
  const { faces } = require('./lib/methods/exec.js');
  if (!faces.includes(builtin)) faces.push(builtin);
} else {
  process.emitWarning('rs-child-process/register leaves node:child_process in place.', {
    type: 'RsChildProcessWarning', code: 'RS_CHILD_PROCESS_NOT_REGISTERED' });
}
