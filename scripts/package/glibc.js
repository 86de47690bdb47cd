'use strict';

const { execFileSync } = require('node:child_process');

/** The oldest glibc that a binary may ask for at most: Debian 10, RHEL 8, Amazon Linux 2023 and all since. */
const LIMIT = '2.28';

/**
 * @param {string} binary a shared object
 * @returns {string | undefined} the newest glibc that one of its symbols needs; undefined for musl
 */
function newestGlibc(binary) {
  const output = execFileSync('readelf', ['--version-info', '--wide', binary], { encoding: 'utf8' });
  const versions = [...output.matchAll(/GLIBC_(\d+(?:\.\d+)+)/g)].map((match) => match[1]);
  return versions.sort(compare).at(-1);
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  return x[0] - y[0] || x[1] - y[1];
}

/**
 * @param {string} binary
 * @returns {{ ok: boolean, text: string }} whether it runs on every system that the package promises
 */
function checkGlibc(binary) {
  const newest = newestGlibc(binary);
  if (newest === undefined) return { ok: true, text: 'needs no glibc' };
  return { ok: compare(newest, LIMIT) <= 0, text: `needs glibc ${newest}, the limit of a release is ${LIMIT}` };
}

module.exports = { checkGlibc };

if (require.main === module) {
  for (const binary of process.argv.slice(2)) {
    const { ok, text } = checkGlibc(binary);
    console.log(`${ok ? '✓' : '✗'} ${binary}: ${text}`);
    if (!ok) process.exitCode = 1;
  }
}
