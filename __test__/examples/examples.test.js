'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const root = join(__dirname, '..', '..');

/** Every example, what it must print, and how it is started where `node FILE` is not enough. */
const examples = {
  'demo.js': { prints: /^(✓ .*\n){9}\nAll done\.\n$/m },
  'abort-and-timeout.js': { prints: /^kill\(\): {3}SIGKILL\nsignal: {3}ABORT_ERR - not needed any more\ntimeout: {2}SIGINT\n$/ },
  'esm.mjs': { prints: /^hello from an ES module\nbackend: (native|node), fork is a function\n$/ },
  'exec-promise.js': { prints: /^HELLO\nexit code 3, stderr: no luck\n$/ },
  'fork-pool.js': { prints: /^(worker [AB]: \w+ -> \w+\n){5}done\n$/ },
  'ipc-shell.js': { prints: /^the shell answers: {"youSaid":{"hello":"shell"}}\n$/ },
  'register.js': {
    nodeOptions: ['-r', './register.js'],
    prints: /^node:child_process spawns with rs-child-process: true\nhello\n$/,
  },
  'send-handle.js': { prints: /^the client reads: hello from a forked child, by connection\n$/ },
  'stream-lines.js': { prints: /^got: line 1\ngot: line 2\ngot: line 3\n$/ },
  'sync.js': { prints: /^from a shell\nFROM A FILE\nstatus null, signal SIGTERM\n$/ },
};

test('every example is in the table', () => {
  assert.deepEqual(readdirSync(join(root, 'examples')).sort(), Object.keys(examples).sort());
});

for (const [file, { prints, nodeOptions = [] }] of Object.entries(examples)) {
  test(file, async () => {
    const args = [...nodeOptions, join('examples', file)];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 60_000 });
    assert.match(stdout, prints);
    assert.equal(stderr, '');
  });
}
