'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

/** Every helper: its file and what the compiler is told besides. */
const HELPERS = {
  __proto__: null,
  'faults': { output: 'faults.node', flags: ['-shared', '-fPIC', '-pthread', '-Wl,-z,nodelete'] },
  'fd-report': { output: 'fd-report', flags: [] },
  'slow-tracer': { output: 'slow-tracer', flags: [] },
};

/**
 * Compiles the native helpers, if there is a compiler.
 * @param {string} into a folder
 * @returns {string | undefined} why they are not there
 */
function buildHelpers(into) {
  const compiler = process.env.CC || 'cc';
  for (const [name, { output, flags }] of Object.entries(HELPERS)) {
    const source = path.join(__dirname, `${name}.c`);
    const { error, status, stderr } = spawnSync(
      compiler, ['-O1', '-Wall', ...flags, '-o', path.join(into, output), source], { encoding: 'utf8' });
    if (error) return `no C compiler (${error.message})`;
    if (status !== 0) return `the C compiler refused ${name}.c: ${stderr.split('\n')[0]}`;
    fs.chmodSync(path.join(into, output), 0o755);
  }
  return undefined;
}

module.exports = { HELPERS, buildHelpers };
