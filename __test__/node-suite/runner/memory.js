'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { cacheDir } = require('../tree/cache-dir.js');

/** Raised when the harness changes how it runs a test, so that older memories are not believed. */
const REVISION = 1;

/**
 * Outcomes of the built-in module, remembered per Node binary and test text: they do not change with this package.
 *
 * @param {import('./node-binary.js').NodeBinary} node
 * @param {import('../tree/locate.js').Tree} tree
 * @param {boolean} worker
 */
function memoryOf(node, tree, worker) {
  const dir = cacheDir('builtin', node.id);
  // Some tests read other parts of the source tree; with those missing, the outcome is another.
  const surroundings = fs.readdirSync(path.dirname(tree.dir)).sort().join();

  /**
   * @param {import('../tests/sets.js').Test} test
   * @param {string} subject
   */
  const fileOf = (test, subject) => {
    const how = [REVISION, surroundings, tree.version, subject, ...(worker ? ['worker'] : [])];
    const key = [...how, test.name, test.text].join('\0');
    return path.join(dir, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  };

  return {
    /**
     * @param {import('../tests/sets.js').Test} test
     * @param {string} subject
     * @returns {import('./try-test.js').Run | undefined}
     */
    recall(test, subject) {
      try {
        return JSON.parse(fs.readFileSync(fileOf(test, subject), 'utf8'));
      } catch {
        return undefined;
      }
    },

    /**
     * @param {import('../tests/sets.js').Test} test
     * @param {string} subject
     * @param {import('./try-test.js').Run} run
     */
    remember(test, subject, run) {
      const file = fileOf(test, subject);
      const partial = `${file}.${process.pid}`;
      fs.writeFileSync(partial, JSON.stringify({ test: test.name, ...run }));
      fs.renameSync(partial, file);
    },
  };
}

module.exports = { memoryOf };
