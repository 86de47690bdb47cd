'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');

const MAIN = path.join(__dirname, '..', 'process', 'main.js');
const MOST_STDERR = 16 * 1024;

/**
 * @typedef {object} Result
 * @property {Record<string, number>} counts
 * @property {string[]} remarks
 * @property {string} [skipped] why
 */

/**
 * Runs one process of a case to its end, or to the end of its time.
 * @param {import('./cases.js').Case} tested
 * @param {import('./cases.js').Run} run
 * @param {'package' | 'built-in'} implementation
 * @param {import('./cli.js').Options} options
 * @param {string} dir scratch folder, with the compiled helpers
 * @returns {Promise<Result>}
 */
async function runOne(tested, run, implementation, options, dir) {
  const scratch = fs.mkdtempSync(path.join(dir, 'run-'));
  fs.chmodSync(scratch, 0o777);
  const resultFile = path.join(scratch, 'result');
  const order = {
    argument: run.argument, caseFile: tested.file, implementation, long: options.long,
    packageDir: options.packageDir, resultFile, toolsDir: dir,
  };
  const env = { ...process.env, ...run.env, FAULTS_RUN: JSON.stringify(order), FAULTS_SCRATCH: scratch };
  const [file, ...args] = [...(run.prefix ?? []), process.execPath, ...(run.execArgv ?? []), MAIN];
  const end = await lifeOf(spawn(file, args, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] }), secondsOf(tested, options));
  const result = readResult(resultFile, end);
  fs.rmSync(scratch, { recursive: true, force: true });
  return result;
}

/**
 * @param {import('./cases.js').Case} tested
 * @param {import('./cli.js').Options} options
 */
function secondsOf({ seconds = 60, secondsLong = seconds * 5 }, { long, minutes }) {
  return long ? secondsLong + minutes * 60 : seconds;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} seconds
 * @returns {Promise<{ code: number | null, signal: string | null, stderr: string, isHung: boolean }>}
 */
function lifeOf(child, seconds) {
  let stderr = '';
  let isHung = false;
  child.stderr?.setEncoding('utf8').on('data', (text) => { stderr = (stderr + text).slice(-MOST_STDERR); });
  const timer = setTimeout(() => {
    isHung = true;
    killGroup(child.pid);
  }, seconds * 1000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // Not 'close': what is left of the group may hold the pipe.
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      killGroup(child.pid);
      setImmediate(() => {
        child.stderr?.destroy();
        resolve({ code, signal, stderr, isHung });
      });
    });
  });
}

/** @param {number | undefined} leader */
function killGroup(leader) {
  try {
    if (leader) process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/**
 * @param {string} file
 * @param {Awaited<ReturnType<typeof lifeOf>>} end
 * @returns {Result}
 */
function readResult(file, { code, signal, stderr, isHung }) {
  const written = parse(file);
  const counts = { ...written?.counts };
  const remarks = [...(written?.remarks ?? [])];
  if (isHung) {
    counts.hangs = (counts.hangs ?? 0) + 1;
    remarks.push('the whole process hung');
  } else if (!written?.done && !written?.skipped) {
    counts.crashes = (counts.crashes ?? 0) + 1;
    remarks.push(`the process ended with ${signal ?? code}: ${lastWords(stderr)}`);
  }
  return { counts, remarks, skipped: written?.skipped };
}

/** @param {string} file @returns {any} */
function parse(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}

/** The line of an error's message, else the end of what was said. @param {string} stderr */
function lastWords(stderr) {
  const lines = stderr.split('\n').map((line) => line.trim()).filter(Boolean);
  return (lines.find((line) => /Error|panicked|FATAL|Assertion/.test(line)) ?? lines.at(-1) ?? 'without a word').slice(0, 300);
}

module.exports = { runOne };
