'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { command } = require('./command.js');
const { machineArchive } = require('./apt-sources.js');

const description = 'Debian\'s source package of Node';

/** Suites that carry a Node this package supports; between them there is a version of most majors. */
const SUITES = ['trixie', 'forky', 'sid'];

/** How many versions are tried: of a suite that moves, the index can be ahead of the pool. */
const TRIES = 3;

/**
 * Which version that is need not be the wished one: src/node_version.h comes along to say.
 *
 * @param {string} tag
 * @param {string} work receives test/
 * @returns {Promise<void>}
 */
async function fetchTree(tag, work) {
  const archive = machineArchive();
  if (archive === undefined) throw new Error('this machine names no Debian archive');
  const apt = fs.mkdtempSync(path.join(os.tmpdir(), 'node-suite-apt-'));
  try {
    const settings = prepareApt(apt, archive);
    await command('apt-get', ['update', ...settings]);
    const tarball = await downloadNearest(tag, settings, path.join(apt, 'source'));
    await command('tar', ['--extract', '--xz', `--file=${tarball}`, `--directory=${work}`, '--strip-components=1',
      '--no-same-owner', '--wildcards', '--no-wildcards-match-slash', '*/test', '*/src/node_version.h']);
  } finally {
    fs.rmSync(apt, { recursive: true, force: true });
  }
}

/**
 * apt with lists, state and cache of its own, so that the machine's stay as they are. It checks what it downloads
 * against the signed index.
 *
 * @param {string} apt
 * @param {import('./apt-sources.js').Archive} archive
 * @returns {string[]} its settings
 */
function prepareApt(apt, archive) {
  for (const dir of ['parts', 'lists/partial', 'cache/archives/partial', 'source']) {
    fs.mkdirSync(path.join(apt, dir), { recursive: true });
  }
  fs.writeFileSync(path.join(apt, 'parts', 'node-suite.sources'), [
    'Types: deb-src', `URIs: ${archive.uri}`, `Suites: ${SUITES.join(' ')}`, 'Components: main',
    ...(archive.signedBy ? [`Signed-By: ${archive.signedBy}`] : []), '',
  ].join('\n'));
  return Object.entries({
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': path.join(apt, 'parts'),
    'Dir::State::Lists': path.join(apt, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': path.join(apt, 'cache'),
    'APT::Sandbox::User': os.userInfo().username,
    'Acquire::Retries': '3',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/**
 * @param {string} tag
 * @param {string[]} settings
 * @param {string} dir
 * @returns {Promise<string>} path of the tarball with Node's own sources
 */
async function downloadNearest(tag, settings, dir) {
  const listed = await command('apt-cache', [...settings, 'showsrc', '--only-source', 'nodejs']);
  const versions = byNearness(tag, Array.from(listed.matchAll(/^Version: (\S+)$/gm), (match) => match[1]));
  let problem = new Error('no suite has Node');
  for (const version of versions.slice(0, TRIES)) {
    const arrived = path.join(dir, version);
    fs.mkdirSync(arrived);
    try {
      await command('apt-get', ['source', ...settings, '--download-only', `nodejs=${version}`], { cwd: arrived });
    } catch (error) {
      problem = /** @type {Error} */ (error);
    }
    // A package has several parts. That another one is missing from the pool does not matter.
    const tarball = fs.readdirSync(arrived).find((name) => /\.orig\.tar\.xz$/.test(name));
    if (tarball !== undefined && await isWhole(path.join(arrived, tarball))) return path.join(arrived, tarball);
  }
  throw problem;
}

/**
 * Whether a download came to its end: apt has compared the checksum of what did, but says nothing of each part.
 *
 * @param {string} tarball
 */
function isWhole(tarball) {
  return command('xz', ['--test', tarball]).then(() => true, () => false);
}

/**
 * Debian's versions by their distance from Node's tag.
 *
 * @param {string} tag v20.19.2
 * @param {string[]} versions 20.19.2+dfsg-1
 */
function byNearness(tag, versions) {
  const value = (/** @type {string} */ text) =>
    (/(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []).slice(1).reduce((sum, part) => sum * 1000 + Number(part), 0);
  const distance = (/** @type {string} */ version) => Math.abs(value(version) - value(tag));
  return [...new Set(versions)].sort((a, b) => distance(a) - distance(b));
}

module.exports = { description, fetchTree, byNearness };
