'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { readDirectives } = require('./directives.js');

/**
 * Which tests a set is made of: folders, and a question about a file's name and text.
 * pseudo-tty/ is in no set: its tests compare the terminal output of a Python wrapper.
 *
 * @type {Record<string, { folders: string[], has: (name: string, text: () => string) => boolean }>}
 */
const SETS = {
  'child-process': {
    folders: ['parallel', 'sequential', 'pummel'],
    has: (name) => name.startsWith('test-child-process-'),
  },
  'cluster': {
    folders: ['parallel', 'sequential', 'pummel'],
    has: (name) => name.startsWith('test-cluster-'),
  },
  'users': {
    folders: ['parallel', 'sequential'],
    has: (name, text) => text().includes('child_process'),
  },
};

/** Only tests of this folder may run beside each other. */
const PARALLEL_FOLDER = 'parallel';

/**
 * @typedef {object} Test
 * @property {string} name folder and file name without extension (`.mjs` keeps it)
 * @property {string} file
 * @property {string} text
 * @property {boolean} alone
 * @property {string[]} flags
 * @property {Record<string, string>} env
 */

/**
 * The tests of the sets, each once, those that may run side by side first.
 *
 * @param {{ dir: string }} tree
 * @param {string[]} names
 * @param {RegExp} [filter]
 * @returns {Test[]}
 */
function listTests(tree, names, filter) {
  const found = new Map();
  for (const name of names) {
    for (const folder of SETS[name].folders) {
      for (const test of listFolder(tree.dir, folder, SETS[name].has)) {
        if (filter === undefined || filter.test(test.name)) found.set(test.name, test);
      }
    }
  }
  return [...found.values()].sort((a, b) => Number(a.alone) - Number(b.alone));
}

/**
 * @param {string} dir
 * @param {string} folder
 * @param {(name: string, text: () => string) => boolean} has
 */
function* listFolder(dir, folder, has) {
  const full = path.join(dir, folder);
  if (!fs.existsSync(full)) return;
  for (const entry of fs.readdirSync(full).sort()) {
    if (!/^test-.*\.m?js$/.test(entry)) continue;
    const file = path.join(full, entry);
    const text = () => fs.readFileSync(file, 'utf8');
    if (has(entry, text)) yield makeTest(folder, entry, file, text());
  }
}

/**
 * @param {string} folder
 * @param {string} entry
 * @param {string} file
 * @param {string} text
 * @returns {Test}
 */
function makeTest(folder, entry, file, text) {
  const name = `${folder}/${entry.replace(/\.js$/, '')}`;
  return { name, file, text, alone: folder !== PARALLEL_FOLDER, ...readDirectives(text) };
}

module.exports = { SETS, listTests };
