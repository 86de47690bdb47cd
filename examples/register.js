'use strict';

// node -r rs-child-process/register examples/register.js
// Everything that asks for child_process, in whatever way, now gets this package.

const builtin = require('node:child_process');
const ours = require('rs-child-process');

console.log(`node:child_process spawns with rs-child-process: ${builtin.spawn === ours.spawn}`);
builtin.execFile('echo', ['hello'], (error, stdout) => console.log(error ?? stdout.trim()));
