'use strict';

// Who takes part: a command, the module it is to require, and what to call the two.

const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { basename, delimiter, join, resolve } = require('node:path');
const { root } = require('./options.js');

/**
 * @typedef {object} Runtime
 * @property {string} key
 * @property {string} label
 * @property {string[]} command
 * @property {string[]} bigHeap flags for a heap above one GiB
 * @property {string} [module] undefined: the floor, which is a program of its own
 * @property {string} version
 */

const BIG_HEAP = 4096;

/** @param {string} executable */
function versionOf(executable) {
  return execFileSync(executable, ['--version'], { encoding: 'utf8' }).match(/\d+\.\d+\.\d+\S*/)?.[0] ?? 'unknown';
}

/**
 * @param {string} name of a program
 * @returns {string | undefined} where it is installed
 */
function find(name) {
  const folders = [join(root, 'node_modules/.bin'), ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(existsSync);
}

/**
 * @param {string} key
 * @param {string} who
 * @param {string} executable a Node
 * @param {string} module
 * @returns {Runtime}
 */
function node(key, who, executable, module) {
  const version = versionOf(executable);
  const label = who === '' ? `node ${version}` : who;
  return { key, label, version, module, command: [executable], bigHeap: [`--max-old-space-size=${BIG_HEAP}`] };
}

/** @type {Record<'bun' | 'deno', { flags: string[], bigHeap: string[] }>} */
const OTHERS = {
  bun: { flags: [], bigHeap: [] },
  deno: { flags: ['run', '--allow-all', '--quiet', '--unstable-detect-cjs'], bigHeap: [`--v8-flags=--max-old-space-size=${BIG_HEAP}`] },
};

/**
 * @param {'bun' | 'deno'} name
 * @param {string | undefined} given
 * @returns {Runtime[]}
 */
function other(name, given) {
  const executable = given ?? find(name);
  if (!executable) return [];
  const { flags, bigHeap } = OTHERS[name];
  const version = versionOf(executable);
  return [{ key: name, label: `${name} ${version}`, version, module: 'node:child_process', command: [executable, ...flags], bigHeap }];
}

/** @returns {Runtime[]} the floor, built if need be; none without cargo */
function floor() {
  const target = join(root, 'target/floor');
  const build = spawnSync('cargo', [
    'build', '--release', '--quiet', '--locked', '--target-dir', target,
    '--manifest-path', join(root, 'benches/floor/Cargo.toml'),
  ], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (build.status !== 0) return [];
  return [{ key: 'floor', label: 'floor', version: '', command: [join(target, 'release/floor')], bigHeap: [] }];
}

/**
 * @param {ReturnType<typeof import('./options.js').readOptions>} options
 * @returns {Runtime[]} in the order of their turns
 */
function findRuntimes(options) {
  const own = process.execPath;
  const [first, ...more] = options.package.map((folder) => resolve(folder));
  const nodes = [
    node('ours', 'rs-child-process', own, first),
    node('builtin', 'built-in', own, 'node:child_process'),
    ...more.map((folder) => node(`ours:${basename(folder)}`, `rs-child-process (${basename(folder)})`, own, folder)),
    ...options['ours-on'].map((path) => node(`ours:${versionOf(path)}`, `rs-child-process on node ${versionOf(path)}`, path, first)),
    ...options.node.map((path) => node(`node:${versionOf(path)}`, '', path, 'node:child_process')),
  ];
  /** @type {[string, () => Runtime[]][]} */
  const rest = [['bun', () => other('bun', options.bun)], ['deno', () => other('deno', options.deno)], ['floor', floor]];
  const found = rest.flatMap(([name, get]) => (options.without.includes(name) ? [] : get()));
  return [...nodes, ...found].filter(({ key }) => !options.without.includes(key));
}

module.exports = { findRuntimes };
