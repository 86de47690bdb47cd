'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { parseCommandLine } = require('./cli.js');
const { closingLine, countKinds } = require('./report/report.js');
const { table } = require('./report/table.js');
const { judge, runOnce } = require('./runner/run-once.js');
const { verdictOf } = require('./runner/verdict.js');
const { readDirectives } = require('./tests/directives.js');
const { listTests } = require('./tests/sets.js');
const { parseDeb822, parseOneLine } = require('./tree/apt-sources.js');
const { byNearness } = require('./tree/debian.js');
const { locateTree } = require('./tree/locate.js');

/**
 * A little source tree to run.
 *
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} files
 */
function makeTree(t, files) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'node-suite-self-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ 'test/common/index.js': '', 'test/parallel/README': '', ...files })) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  return root;
}

const log = () => {};
const node = { path: process.execPath, version: process.versions.node, id: 'self', backend: 'none' };
const run = (/** @type {'pass' | 'fail' | 'skip'} */ status, more = {}) =>
  ({ status, reason: 'why', ms: 1, leftovers: 0, fellBack: false, output: '', failures: status === 'fail' ? 1 : 0, tries: 1, ...more });

test('flags and variables are those of the first comment of their kind', () => {
  const { flags, env } = readDirectives(
    '// Flags: --expose-internals  --no-warnings\n// Env: A=1 B=x=y\n// Flags: --other\n');
  assert.deepEqual(flags, ['--expose-internals', '--no-warnings']);
  assert.deepEqual({ ...env }, { A: '1', B: 'x=y' });
  assert.deepEqual(readDirectives('\'use strict\';\n').flags, []);
});

test('the command line is checked', () => {
  assert.equal(parseCommandLine(['--timeout', '3']).timeout, 3000);
  assert.deepEqual(parseCommandLine(['--set', 'users', '--set', 'cluster']).sets, ['users', 'cluster']);
  assert.throws(() => parseCommandLine(['--set', 'toString']), /unknown set/);
  assert.throws(() => parseCommandLine(['--jobs', '0']), /whole number/);
  assert.throws(() => parseCommandLine(['--frob']), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
});

test('sets choose by folder, name and text', async (t) => {
  const root = makeTree(t, {
    'test/parallel/test-child-process-a.js': '',
    'test/parallel/test-other.mjs': 'import "child_process"',
    'test/parallel/not-a-test.js': 'child_process',
    'test/pummel/test-child-process-b.js': '',
    'test/sequential/test-cluster-c.js': '',
    'src/node_version.h': '#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 1\n#define NODE_PATCH_VERSION 2\n',
  });
  const tree = await locateTree({ given: root, log });
  assert.equal(tree.version, 'v20.1.2');
  const names = (/** @type {string} */ set) => listTests(tree, [set]).map((each) => each.name);
  assert.deepEqual(names('child-process'), ['parallel/test-child-process-a', 'pummel/test-child-process-b']);
  assert.deepEqual(names('cluster'), ['sequential/test-cluster-c']);
  assert.deepEqual(names('users'), ['parallel/test-other.mjs']);
  await assert.rejects(locateTree({ given: os.tmpdir(), log }), /neither a Node source tree/);
});

test('a test runs alone, within its time, and nothing of it stays', async (t) => {
  const root = makeTree(t, {
    'test/parallel/test-child-process-1-pass.js':
      '// Env: GREETING=hello\nif (process.env.GREETING !== "hello") throw new Error("no");',
    'test/parallel/test-child-process-2-fail.js': 'throw new TypeError("the reason");',
    'test/parallel/test-child-process-3-skip.js': 'console.log("1..0 # Skipped: not today");',
    'test/parallel/test-child-process-4-hang.js': 'setInterval(() => {}, 1000);',
    'test/parallel/test-child-process-5-stray.js':
      'require("child_process").spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).unref();',
  });
  const tree = await locateTree({ given: root, log });
  const outcomes = [];
  for (const each of listTests(tree, ['child-process'])) {
    const timeout = each.name.endsWith('hang') ? 500 : 20_000;
    outcomes.push(await runOnce(each, 'builtin', { node, tree, timeout }));
  }
  assert.deepEqual(outcomes.map(({ status, reason, leftovers }) => [status, reason, leftovers]), [
    ['pass', '', 0],
    ['fail', 'TypeError: the reason', 0],
    ['skip', 'not today', 0],
    ['fail', 'no end after 0.5 s', 0],
    ['pass', '', process.platform === 'linux' ? 1 : 0],
  ]);
});

test('a test can run in a worker thread', async (t) => {
  const root = makeTree(t, {
    'test/parallel/test-child-process-1.js': 'if (require("worker_threads").isMainThread) throw new Error("no worker");',
    'test/parallel/test-child-process-2.mjs': 'import "child_process"; throw new Error("the reason");',
  });
  const tree = await locateTree({ given: root, log });
  const outcomes = [];
  for (const each of listTests(tree, ['child-process'])) {
    outcomes.push((await runOnce(each, 'builtin', { node, tree, timeout: 20_000, worker: true })).status);
  }
  assert.deepEqual(outcomes, ['pass', 'fail']);
});

test('verdicts', () => {
  const kinds = (/** @type {any[]} */ ...args) => verdictOf(args[0], args[1], args[2]).kind;
  assert.equal(kinds(run('pass'), run('pass')), 'pass');
  assert.equal(kinds(run('pass'), run('fail')), 'fail');
  assert.equal(kinds(run('pass'), run('fail'), run('pass')), 'fail');
  assert.equal(kinds(run('pass'), run('fail'), run('fail')), 'both');
  assert.equal(kinds(run('pass'), run('skip')), 'fail');
  assert.equal(kinds(run('fail'), run('fail')), 'both');
  assert.equal(kinds(run('fail'), run('pass')), 'unlike');
  assert.equal(kinds(run('skip'), run('skip')), 'skip');
  assert.deepEqual(verdictOf(run('pass'), run('pass', { failures: 2, tries: 3 }), undefined),
    { kind: 'flaky', reason: 'failed 2 of 3 times' });
});

test('an end by a signal is a failure that names it', () => {
  const end = { code: null, signal: /** @type {const} */ ('SIGSEGV'), timedOut: false, leftovers: 0, waited: 0 };
  assert.equal(judge(end, '', 1000).reason, 'ended with SIGSEGV');
});

test('the closing line adds up', () => {
  const result = (/** @type {any} */ kind) => /** @type {any} */ ({ verdict: { kind } });
  const counts = countKinds(['pass', 'pass', 'flaky', 'unlike', 'fail', 'both', 'skip'].map(result));
  assert.equal(closingLine(counts), '4 passed, 1 failed, 2 skipped');
  assert.equal(table(['a', 'b'], [['x|y', 1]]), '| a    | b |\n|------|-----|\n| x\\|y | 1 |');
});

test('the archive is read from both kinds of apt sources', () => {
  const wanted = { uri: 'http://archive.test/debian', components: ['main', 'contrib'], signedBy: '/k.gpg' };
  const line = 'deb [arch=amd64 signed-by=/k.gpg] http://archive.test/debian sid main contrib';
  assert.deepEqual(parseOneLine(`# x\n${line}\n`), [wanted]);
  const stanza = ['Types: deb', '# note', 'URIs: http://archive.test/debian', 'Suites: sid', 'Components: main contrib',
    'Signed-By: /k.gpg'];
  assert.deepEqual(parseDeb822(stanza.join('\n')), [wanted]);
});

test('of the packaged versions the nearest comes first', () => {
  const versions = ['24.22.2+dfsg+~cs24-1', '20.19.2+dfsg-1+deb13u2', '24.21.0+dfsg-1', '22.22.2+dfsg-3'];
  const nearest = (/** @type {string} */ tag) => byNearness(tag, versions)[0];
  assert.equal(nearest('v20.1.0'), '20.19.2+dfsg-1+deb13u2');
  assert.equal(nearest('v22.23.3'), '22.22.2+dfsg-3');
  assert.equal(nearest('v24.21.1'), '24.21.0+dfsg-1');
  assert.equal(nearest('v26.0.0'), '24.22.2+dfsg+~cs24-1');
});
