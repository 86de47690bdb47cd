'use strict';

const { builtin, name } = require('./backend.js');

/** @returns {any} the functions of this package's own */
function nativeFace() {
  const { ChildProcess } = require('./child-process.js');
  const { exec, execFile } = require('./methods/exec.js');
  const { fork } = require('./methods/fork.js');
  const { spawn } = require('./methods/spawn.js');
  const { execFileSync, execSync, spawnSync } = require('./methods/sync.js');
  return { ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync };
}

/** The public functions, of whichever backend was chosen. */
module.exports = name === 'native' ? nativeFace() : builtin;
