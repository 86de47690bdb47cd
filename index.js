'use strict';

const { builtin, name: backend } = require('./lib/backend.js');
const face = require('./lib/face.js');

const { ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } = face;
// Node calls it in a forked child, about the channel to its own parent: that stays Node's.
const { _forkChild } = /** @type {any} */ (builtin);

module.exports = {
  _forkChild,
  ChildProcess,
  backend,
  exec,
  execFile,
  execFileSync,
  execSync,
  fork,
  spawn,
  spawnSync,
};

if (backend === 'native') require('./lib/methods/exec.js').faces.push(module.exports);
