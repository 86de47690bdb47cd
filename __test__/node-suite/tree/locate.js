'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { cacheDir } = require('./cache-dir.js');
const git = require('./git.js');
const debian = require('./debian.js');

/** Written last, so that its presence says the tree is whole. */
const STAMP = 'complete.json';

/** Where a tree can come from, in the order of trying. */
const SOURCES = [git, debian];

/**
 * @typedef {object} Tree
 * @property {string} dir the test/ folder
 * @property {string | undefined} version e.g. v20.19.2
 */

/**
 * Node's test/ folder: the given one, else the cached one, else a downloaded one.
 *
 * @param {{ given?: string, tag?: string, log: (line: string) => void }} options
 * @returns {Promise<Tree>}
 */
async function locateTree({ given, tag = process.version, log }) {
  if (given) return givenTree(given);
  if (!/^v\d+\.\d+\.\d+$/.test(tag)) throw new Error(`'${tag}' is not the tag of a Node release (v20.19.2)`);
  const home = path.join(cacheDir('trees'), tag);
  return cachedTree(home) ?? download(home, tag, log);
}

/**
 * @param {string} dir
 * @returns {Tree}
 */
function givenTree(dir) {
  const candidates = [path.resolve(dir), path.resolve(dir, 'test')];
  const found = candidates.find((candidate) => isTestFolder(candidate));
  if (found === undefined) throw new Error(`NODE_SUITE=${dir} is neither a Node source tree nor its test/ folder`);
  return { dir: found, version: headerVersion(path.dirname(found)) };
}

/** @param {string} dir */
function isTestFolder(dir) {
  return fs.existsSync(path.join(dir, 'common', 'index.js')) && fs.existsSync(path.join(dir, 'parallel'));
}

/**
 * @param {string} root
 * @returns {string | undefined}
 */
function headerVersion(root) {
  const header = path.join(root, 'src', 'node_version.h');
  if (!fs.existsSync(header)) return stampOf(root)?.version;
  const text = fs.readFileSync(header, 'utf8');
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1]);
  return parts.includes(undefined) ? undefined : `v${parts.join('.')}`;
}

/**
 * @param {string} home
 * @returns {{ version: string, source: string } | undefined}
 */
function stampOf(home) {
  try {
    return JSON.parse(fs.readFileSync(path.join(home, STAMP), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} home
 * @returns {Tree | undefined}
 */
function cachedTree(home) {
  const stamp = stampOf(home);
  const dir = path.join(home, 'test');
  return stamp !== undefined && isTestFolder(dir) ? { dir, version: stamp.version } : undefined;
}

/**
 * Downloads into a folder of its own and renames it when whole: an interrupted download leaves nothing that could be
 * taken for a tree, and of two at the same time the first to finish wins.
 *
 * @param {string} home
 * @param {string} tag
 * @param {(line: string) => void} log
 */
async function download(home, tag, log) {
  dropAbandoned(path.dirname(home));
  const problems = [];
  for (const source of SOURCES) {
    const work = fs.mkdtempSync(path.join(path.dirname(home), '.partial-'));
    try {
      log(`node-suite: getting the tests of Node ${tag}: ${source.description}`);
      await source.fetchTree(tag, work);
      if (!isTestFolder(path.join(work, 'test'))) throw new Error('what arrived holds no test/ folder');
      const stamp = { version: headerVersion(work) ?? tag, source: source.description };
      fs.writeFileSync(path.join(work, STAMP), JSON.stringify(stamp));
      return settle(work, home);
    } catch (error) {
      problems.push(`${source.description}: ${/** @type {Error} */ (error).message}`);
      log(`node-suite: that did not work: ${/** @type {Error} */ (error).message}`);
    } finally {
      fs.rmSync(work, { recursive: true, force: true });
    }
  }
  throw new Error(`no Node tests to run; set NODE_SUITE to the test/ folder of a Node source tree.\n${problems.join('\n')}`);
}

/**
 * Removes what downloads that were killed have left.
 *
 * @param {string} dir
 */
function dropAbandoned(dir) {
  const day = 86_400_000;
  for (const name of fs.readdirSync(dir).filter((each) => each.startsWith('.partial-'))) {
    const full = path.join(dir, name);
    if (Date.now() - fs.statSync(full).mtimeMs > day) fs.rmSync(full, { recursive: true, force: true });
  }
}

/**
 * @param {string} work
 * @param {string} home
 * @returns {Tree}
 */
function settle(work, home) {
  if (cachedTree(home) === undefined) {
    fs.rmSync(home, { recursive: true, force: true });
    fs.renameSync(work, home);
  }
  return /** @type {Tree} */ (cachedTree(home));
}

module.exports = { locateTree };
