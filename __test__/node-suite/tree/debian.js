'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { command } = require('./command.js');
const { machineArchive } = require('./apt-sources.js');

const description = 'Debian\'s source package of Node';

/** Which Node major a Debian suite carries. */
const SUITES = [
  { suite: 'bookworm', major: 18 },
  { suite: 'trixie', major: 20 },
  { suite: 'sid', major: 22 },
];

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
    const tarball = await downloadSource(apt, archive, nearestSuite(tag));
    await command('tar', ['--extract', '--xz', `--file=${tarball}`, `--directory=${work}`, '--strip-components=1',
      '--no-same-owner', '--wildcards', '*/test', '*/src/node_version.h']);
  } finally {
    fs.rmSync(apt, { recursive: true, force: true });
  }
}

/** @param {string} tag */
function nearestSuite(tag) {
  const major = Number(tag.slice(1).split('.')[0]);
  const distance = (/** @type {{ major: number }} */ each) => Math.abs(each.major - major);
  return [...SUITES].sort((a, b) => distance(a) - distance(b))[0].suite;
}

/**
 * apt with lists, state and cache of its own, so that the machine's stay as they are. It checks what it downloads
 * against the signed index.
 *
 * @param {string} apt
 * @param {import('./apt-sources.js').Archive} archive
 * @param {string} suite
 * @returns {Promise<string>} path of the tarball with Node's own sources
 */
async function downloadSource(apt, archive, suite) {
  for (const dir of ['parts', 'lists/partial', 'cache/archives/partial', 'source']) {
    fs.mkdirSync(path.join(apt, dir), { recursive: true });
  }
  fs.writeFileSync(path.join(apt, 'parts', 'node-suite.sources'), [
    'Types: deb-src', `URIs: ${archive.uri}`, `Suites: ${suite}`, 'Components: main',
    ...(archive.signedBy ? [`Signed-By: ${archive.signedBy}`] : []), '',
  ].join('\n'));
  const settings = Object.entries({
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': path.join(apt, 'parts'),
    'Dir::State::Lists': path.join(apt, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': path.join(apt, 'cache'),
    'APT::Sandbox::User': os.userInfo().username,
    'Acquire::Retries': '3',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const source = path.join(apt, 'source');
  await command('apt-get', ['update', ...settings], { cwd: source });
  await command('apt-get', ['source', ...settings, '--download-only', 'nodejs'], { cwd: source });
  const tarball = fs.readdirSync(source).find((name) => /\.orig\.tar\.xz$/.test(name));
  if (tarball === undefined) throw new Error('the source package holds no tarball');
  return path.join(source, tarball);
}

module.exports = { description, fetchTree, nearestSuite };
