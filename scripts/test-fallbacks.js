'use strict';

// Runs the JavaScript tests under each way of starting and awaiting children that a kernel or a sandbox may force.
// With arguments: those suites or files instead of all, as scripts/test.js takes them.

const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

const ways = [
  { RS_CHILD_PROCESS_LAUNCH: 'fork' },
  { RS_CHILD_PROCESS_WAIT: 'pidfd_open' },
  { RS_CHILD_PROCESS_WAIT: 'thread' },
  { RS_CHILD_PROCESS_LAUNCH: 'fork', RS_CHILD_PROCESS_WAIT: 'thread' },
];

const failed = ways.map((way) => Object.entries(way).map((pair) => pair.join('=')).join(' ')).filter((name, index) => {
  console.log(`\n${name}`);
  const { status } = spawnSync(process.execPath, [join(__dirname, 'test.js'), ...process.argv.slice(2)], {
    env: { ...process.env, ...ways[index] },
    stdio: 'inherit',
  });
  return status !== 0;
});

console.log(failed.length ? `\nFailed under: ${failed.join(', ')}` : `\nThe tests pass under all ${ways.length} fallbacks.`);
process.exitCode = failed.length ? 1 : 0;
