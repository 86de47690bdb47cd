'use strict';

/*
 * Runs a test in a worker thread. What was preloaded here is preloaded there too.
 *
 *     node in-worker.js /path/to/test.js
 */

const { Worker } = require('node:worker_threads');

const test = process.argv[2];
if (process.permission && !process.permission.has('worker')) {
  process.stdout.write('1..0 # Skipped: the permission model allows no workers here\n');
} else {
  new Worker(test).on('exit', (code) => { process.exitCode = code; });
}
