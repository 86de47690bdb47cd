'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ETC = '/etc/apt';

/**
 * @typedef {object} Archive
 * @property {string} uri
 * @property {string | undefined} signedBy
 */

/**
 * The Debian archive this machine installs from, as its apt sources name it.
 *
 * @returns {Archive | undefined}
 */
function machineArchive() {
  const files = [path.join(ETC, 'sources.list'), ...listDirectory(path.join(ETC, 'sources.list.d'))];
  return files.filter((file) => fs.existsSync(file)).flatMap(readSources).find(isMainArchive);
}

/** @param {string} dir */
function listDirectory(dir) {
  return fs.existsSync(dir) ? fs.readdirSync(dir).sort().map((name) => path.join(dir, name)) : [];
}

/** @param {string} file */
function readSources(file) {
  const text = fs.readFileSync(file, 'utf8');
  return file.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text);
}

/** The archive proper: not its security updates, and not somebody else's packages. */
const isMainArchive = (/** @type {{ uri: string, components: string[] }} */ { uri, components }) =>
  /\/debian\/?$/.test(uri) && components.includes('main');

/**
 * Stanzas of `Field: value` lines; continuation lines (an embedded key) belong to the field before.
 *
 * @param {string} text
 */
function parseDeb822(text) {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = Object.create(null);
    let last = '';
    for (const line of stanza.split('\n').filter((each) => !each.startsWith('#'))) {
      const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (match !== null) fields[last = match[1].toLowerCase()] = match[2];
      else if (last !== '' && /^\s/.test(line)) fields[last] += `\n${line}`;
    }
    const components = (fields.components ?? '').split(/\s+/);
    const uris = /** @type {string[]} */ ((fields.uris ?? '').split(/\s+/).filter(Boolean));
    return uris.map((uri) => ({ uri, components, signedBy: fields['signed-by'] }));
  });
}

/**
 * `deb [signed-by=… arch=…] uri suite component…`
 *
 * @param {string} text
 */
function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^deb(?:-src)?\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+\S+(.*)$/.exec(line);
    if (match === null) return [];
    const signedBy = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1];
    return [{ uri: match[2], components: match[3].trim().split(/\s+/), signedBy }];
  });
}

module.exports = { machineArchive, parseDeb822, parseOneLine };
