'use strict';

// Runs `node --test` on the files of a suite. `node --test DIR` finds other files in each version of Node, so the
// files are listed here.
//
//     node scripts/test.js [suite or file ...] [-- options of node --test]
//
// Without a suite: every __test__/**/*.test.js except those of the long suites, which have a command of their own. What
// a long suite says about its own machinery, in a harness.test.js, is short and runs always.

const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync, statSync } = require('node:fs');
const { basename, join, relative, sep } = require('node:path');

const root = join(__dirname, '..');
const testDir = join(root, '__test__');
const LONG_SUITES = ['ecosystem', 'faults', 'node-suite', 'workers'];
const NEVER = ['fixtures', 'node_modules'];
const HARNESS_TEST = 'harness.test.js';
// A test that hangs must not hang the run; no file comes near this.
const LIMIT = 10 * 60 * 1000;
const TEST_FILE = /\.test\.[cm]?js$/;

const separator = process.argv.indexOf('--');
const names = process.argv.slice(2, separator < 0 ? undefined : separator);
const nodeOptions = separator < 0 ? [] : process.argv.slice(separator + 1);

const files = names.length ? names.flatMap(filesOf) : filesBelow(testDir, [...NEVER, ...LONG_SUITES]);
if (files.length === 0) {
  console.error('No test files found.');
  process.exit(1);
}

const options = ['--test', '--test-reporter=spec', `--test-timeout=${LIMIT}`, ...nodeOptions];
const { status, signal } = spawnSync(process.execPath, [...options, ...files.sort()], { cwd: root, stdio: 'inherit' });
if (signal) console.error(`node --test was ended by ${signal}`);
process.exit(status ?? 1);

function filesOf(name) {
  const path = [join(testDir, name), join(process.cwd(), name)].find(existsSync);
  if (!path) {
    console.error(`There is no suite or file '${name}'.`);
    process.exit(1);
  }
  return statSync(path).isDirectory() ? filesBelow(path, NEVER) : [relative(root, path)];
}

function filesBelow(dir, excluded) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEST_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => basename(path) === HARNESS_TEST || !relative(dir, path).split(sep).some((part) => excluded.includes(part)))
    .map((path) => relative(root, path));
}
