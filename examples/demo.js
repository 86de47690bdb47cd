'use strict';

// npm run demo: the main job on real input, one line for each step. Ends with a non-zero code if one of them fails.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { closeSync, openSync, readFileSync } = require('node:fs');
const { promisify } = require('node:util');
const childProcess = require('rs-child-process');
const { version } = require('rs-child-process/package.json');

const { exec, execFile, fork, spawn, spawnSync } = childProcess;

const steps = {
  'a pipeline of two processes': pipeline,
  'exec with a callback': execWithCallback,
  'a promisified execFile': promisifiedExecFile,
  'messages with a forked Node child': messages,
  '64 MB of output': largeOutput,
  'spawnSync with input': syncWithInput,
  'a command that does not exist': missingCommand,
  'a child aborted by a signal': aborted,
  'a child stopped by its timeout': timedOut,
};

async function pipeline() {
  const file = openSync(__filename);
  const words = spawn('tr', ['-cs', 'A-Za-z', '\\n'], { stdio: [file, 'pipe', 'inherit'] });
  closeSync(file);
  const sort = spawn('sort', ['-u'], { env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  words.stdout.pipe(sort.stdin);

  const sorted = (await text(sort.stdout)).split('\n').filter(Boolean);
  const expected = new Set(readFileSync(__filename, 'utf8').match(/[A-Za-z]+/g));
  assert.deepEqual(sorted, [...expected].sort());
  return `tr | sort found ${sorted.length} different words in this file`;
}

async function execWithCallback() {
  const output = await new Promise((resolve, reject) => {
    exec('echo "$((6 * 7))" from "$0"', (error, stdout) => (error ? reject(error) : resolve(stdout.trim())));
  });
  assert.equal(output, '42 from /bin/sh');
  return output;
}

async function promisifiedExecFile() {
  const { stdout } = await promisify(execFile)(process.execPath, ['--version']);
  assert.equal(stdout.trim(), process.version);
  return `node --version: ${stdout.trim()}`;
}

async function messages() {
  const child = fork(__filename, ['child']);
  const exited = once(child, 'exit');
  const answers = [];
  child.on('message', (message) => {
    answers.push(message);
    if (answers.length === 3) child.disconnect();
  });
  for (const limit of [100, 10_000, 1_000_000]) child.send({ limit });

  const [code] = await exited;
  assert.equal(code, 0);
  assert.deepEqual(answers.map((answer) => answer.primes), [25, 1_229, 78_498]);
  return `primes below 100, 10,000 and 1,000,000: ${answers.map((answer) => answer.primes).join(', ')}`;
}

async function largeOutput() {
  const size = 64 * 1024 * 1024;
  const options = { encoding: 'buffer', maxBuffer: Infinity };
  const { stdout } = await promisify(execFile)('head', ['-c', String(size), '/dev/zero'], options);
  assert.equal(stdout.length, size);
  return `${stdout.length.toLocaleString('en')} bytes`;
}

function syncWithInput() {
  const input = Array.from({ length: 10_000 }, (_, i) => `${i}\n`).join('');
  const { status, stdout } = spawnSync('wc', ['-l'], { input, encoding: 'utf8' });
  assert.equal(status, 0);
  assert.equal(Number(stdout), 10_000);
  return `wc counted ${stdout.trim()} lines`;
}

async function missingCommand() {
  const [error] = await once(spawn('no-such-command', ['--flag']), 'error');
  assert.equal(error.code, 'ENOENT');
  assert.equal(error.syscall, 'spawn no-such-command');
  return `${error.message} (path ${error.path}, arguments ${JSON.stringify(error.spawnargs)})`;
}

async function aborted() {
  const controller = new AbortController();
  const child = spawn('sleep', ['60'], { signal: controller.signal });
  const failed = new Promise((resolve) => child.on('error', resolve));
  const closed = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal)));
  controller.abort();

  const error = await failed;
  assert.equal(error.code, 'ABORT_ERR');
  const signal = await closed;
  assert.equal(signal, 'SIGTERM');
  return `${error.name}: ${error.message}; ended by ${signal}`;
}

async function timedOut() {
  const started = Date.now();
  const error = await promisify(execFile)('sleep', ['60'], { timeout: 100 }).catch((reason) => reason);
  assert.equal(error.killed, true);
  assert.equal(error.signal, 'SIGTERM');
  return `killed by ${error.signal} after ${Date.now() - started} ms`;
}

async function text(stream) {
  let result = '';
  for await (const chunk of stream.setEncoding('utf8')) result += chunk;
  return result;
}

/** What the forked child does: counts the primes below a limit and sends the count back. */
function child() {
  process.on('message', ({ limit }) => {
    const composite = new Uint8Array(limit);
    let primes = 0;
    for (let i = 2; i < limit; i++) {
      if (composite[i]) continue;
      primes++;
      for (let j = i * i; j < limit; j += i) composite[j] = 1;
    }
    process.send({ limit, primes });
  });
}

async function main() {
  console.log(`rs-child-process ${version}, ${childProcess.backend} backend, Node ${process.version}\n`);
  process.exitCode = 1; // in case a step never ends and Node runs out of things to do
  let failures = 0;
  for (const [name, run] of Object.entries(steps)) {
    const started = process.hrtime.bigint();
    try {
      const result = await Promise.race([run(), tooLate()]);
      const ms = Number(process.hrtime.bigint() - started) / 1e6;
      console.log(`✓ ${name}: ${result}  [${ms.toFixed(1)} ms]`);
    } catch (error) {
      failures++;
      console.log(`✗ ${name}: ${error.stack}`);
    }
  }
  console.log(failures ? `\n${failures} failed` : '\nAll done.');
  process.exit(failures ? 1 : 0);
}

function tooLate() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error('not done within 30 seconds')), 30_000).unref();
  });
}

if (process.argv[2] === 'child') child();
else main();
