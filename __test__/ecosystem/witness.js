'use strict';

// Preloaded after register.js: notes at the end of each process whether its `child_process` was this package.

const { appendFileSync } = require('node:fs');
const ours = require('../..');

process.on('exit', () => {
  const replaced = require('node:child_process').spawn === ours.spawn;
  appendFileSync(process.env.WITNESS_LOG, `${replaced ? ours.backend : 'not registered'}\n`);
});
