'use strict';

const path = require('node:path');
const fs = require('node:fs');
const { command } = require('./command.js');

const REPOSITORY = 'https://github.com/nodejs/node.git';
const FOLDERS = ['common', 'fixtures', 'parallel', 'sequential', 'pummel'].map((name) => `test/${name}`);

/** No question at a terminal, and no patience with a connection that has gone silent. */
const ENV = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_HTTP_LOW_SPEED_LIMIT: '1000', GIT_HTTP_LOW_SPEED_TIME: '60' };

const description = 'shallow clone of the release\'s tag';

/**
 * @param {string} tag
 * @param {string} work receives test/
 * @returns {Promise<void>}
 */
async function fetchTree(tag, work) {
  await command('git', ['ls-remote', '--exit-code', REPOSITORY, `refs/tags/${tag}`], { env: ENV, timeout: 30_000 });
  const clone = path.join(work, 'clone');
  await command('git', [
    'clone', '--quiet', '--depth=1', '--filter=blob:none', '--sparse', `--branch=${tag}`, REPOSITORY, clone,
  ], { env: ENV });
  await command('git', ['sparse-checkout', 'set', ...FOLDERS], { cwd: clone, env: ENV });
  fs.renameSync(path.join(clone, 'test'), path.join(work, 'test'));
  fs.rmSync(clone, { recursive: true, force: true });
}

module.exports = { description, fetchTree };
