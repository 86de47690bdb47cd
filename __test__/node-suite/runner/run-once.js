'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { active } = require('./active.js');
const { findLeftovers, killAll } = require('./leftovers.js');
const { testEnvironment } = require('./environment.js');
const { REGISTER } = require('./node-binary.js');

const BRIDGE = path.resolve(__dirname, '../preload/bridge.js');
const IN_WORKER = path.resolve(__dirname, '../preload/in-worker.js');
const EMPTY = path.resolve(__dirname, '../preload/empty.js');

/** How long processes of a finished test may take to end by themselves before they count as left behind. */
const GRACE = 500;

/** The codes of the package's warnings that say so. */
const FELL_BACK = /RS_CHILD_PROCESS_(?:FALLBACK|NOT_REGISTERED)/;

/**
 * What is preloaded into a test, by the subject under test.
 * `preload` tells apart what any preloaded module breaks: the built-in module, next to an empty file.
 *
 * @type {Record<'builtin' | 'ours' | 'preload', (flags: string[]) => string[]>}
 */
const PRELOADS = {
  builtin: () => [],
  ours: (flags) => (flags.includes('--expose-internals') ? [REGISTER, BRIDGE] : [REGISTER]),
  preload: () => [EMPTY],
};

/**
 * @typedef {keyof typeof PRELOADS} Subject
 *
 * @typedef {object} Outcome
 * @property {'pass' | 'fail' | 'skip'} status
 * @property {string} reason
 * @property {number} ms
 * @property {number} leftovers processes that were still there afterwards
 * @property {boolean} fellBack the package said in it that it used the built-in module
 * @property {string} output the last part of it, for failures
 */

/**
 * Runs one test once, in a process and a scratch folder of its own.
 *
 * @param {import('../tests/sets.js').Test} test
 * @param {Subject} subject
 * @param {object} options
 * @param {import('./node-binary.js').NodeBinary} options.node
 * @param {import('../tree/locate.js').Tree} options.tree
 * @param {number} options.timeout milliseconds
 * @param {boolean} [options.worker] in a worker thread
 * @returns {Promise<Outcome>}
 */
async function runOnce(test, subject, { node, tree, timeout, worker = false }) {
  const scratch = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'ns-'));
  const log = path.join(scratch, 'output');
  const preloads = PRELOADS[subject](test.flags).flatMap((file) => ['-r', file]);
  const args = [...test.flags, ...preloads, ...(worker ? [IN_WORKER] : []), test.file];
  const env = testEnvironment({ scratch, foreignTree: isForeign(tree, node), env: test.env });
  const started = performance.now();
  try {
    const end = await runProcess(node.path, args, { cwd: path.dirname(tree.dir), env, log, timeout, scratch });
    const ms = Math.round(performance.now() - started - end.waited);
    const output = fs.readFileSync(log, 'utf8');
    return { ...judge(end, output, timeout), ms, leftovers: end.leftovers, fellBack: FELL_BACK.test(output) };
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * @param {import('../tree/locate.js').Tree} tree
 * @param {import('./node-binary.js').NodeBinary} node
 */
function isForeign(tree, node) {
  return tree.version?.split('.')[0] !== `v${node.version.split('.')[0]}`;
}

/**
 * @typedef {object} End
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {boolean} timedOut
 * @property {number} leftovers
 * @property {number} waited milliseconds spent on leftovers
 */

/**
 * Output goes to a file, not a pipe: a grandchild that outlives the test cannot hold up its end.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd: string, env: Record<string, string | undefined>, log: string, timeout: number, scratch: string }} options
 * @returns {Promise<End>}
 */
async function runProcess(file, args, { cwd, env, log, timeout, scratch }) {
  const fd = fs.openSync(log, 'a');
  let child;
  try {
    // detached: a process group of its own, so that the whole of it can be killed
    const settings = { cwd, env: /** @type {NodeJS.ProcessEnv} */ (env), detached: true };
    child = spawn(file, args, { ...settings, stdio: ['ignore', fd, fd] });
  } finally {
    fs.closeSync(fd);
  }
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} could not be started`);
  active.set(pid, scratch);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killAll([pid, ...findLeftovers(pid, scratch)]);
  }, timeout);
  const [code, signal] = await new Promise((resolve) => child.on('exit', (...how) => resolve(how)));
  clearTimeout(timer);
  const since = performance.now();
  const leftovers = await clearLeftovers(pid, scratch, timedOut ? 0 : GRACE);
  active.delete(pid);
  return { code, signal, timedOut, leftovers, waited: performance.now() - since };
}

/**
 * @param {number} pid
 * @param {string} scratch
 * @param {number} grace
 */
async function clearLeftovers(pid, scratch, grace) {
  if (findLeftovers(pid, scratch).length > 0) await sleep(grace);
  const left = findLeftovers(pid, scratch);
  killAll(left);
  return left.length;
}

/**
 * @param {End} end
 * @param {string} output
 * @param {number} timeout
 * @returns {Pick<Outcome, 'status' | 'reason' | 'output'>}
 */
function judge({ code, signal, timedOut }, output, timeout) {
  const skip = /^1\.\.0 # Skipped: (.*)$/m.exec(output);
  if (code === 0 && skip !== null) return { status: 'skip', reason: skip[1], output: '' };
  if (code === 0) return { status: 'pass', reason: '', output: '' };
  const tail = output.slice(-8000);
  if (timedOut) return { status: 'fail', reason: `no end after ${timeout / 1000} s`, output: tail };
  return { status: 'fail', reason: complaint(output) ?? `ended with ${signal ?? code}`, output: tail };
}

/**
 * The line of an output that says best what went wrong.
 *
 * @param {string} output
 */
function complaint(output) {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception)\b.*:/.test(line)) ??
    lines.find((line) => /^(?:not ok |Mismatched|node: |fatal|# fatal)/i.test(line)) ??
    lines.find((line) => /Error\b/.test(line));
}

module.exports = { runOnce, judge, isForeign };
