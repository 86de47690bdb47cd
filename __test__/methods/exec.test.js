'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout } = require('node:timers/promises');
const { exec, execFile } = require('../../index.js');

/** The arguments of the callback. */
const result = (start) => new Promise((resolve) => start((...args) => resolve(args)));

test('a child that is too loud or too slow gets one signal', async () => {
  // It counts signals until it is told to stop, and exits with their number. --norc, for bash with a socket
  // for its stdin may think that it was started over a network, and read what takes it too long.
  const counter = `n=0; trap 'n=$((n+1))' TERM; trap 'exit $((40+n))' INT; echo ready; while :; do sleep 0.02; done`;
  for (const options of [{ maxBuffer: 1 }, { timeout: 100 }]) {
    let child;
    const finished = result((callback) => {
      child = execFile('bash', ['--norc', '-c', counter], options, callback);
    });
    for (let i = 0; i < 500 && !child.killed; i++) await setTimeout(10);
    assert.equal(child.killed, true);
    await setTimeout(200); // for a second signal, which must not come
    child.kill('SIGINT');
    await finished;
    assert.equal(child.exitCode, 41);
  }
});

test('output of many megabytes', async () => {
  const [error, stdout] = await result((callback) =>
    execFile('head', ['-c', '30000000', '/dev/zero'], { maxBuffer: Infinity, encoding: 'buffer' }, callback));
  assert.equal(error, null);
  assert.equal(stdout.length, 30_000_000);
});

test('a stream looked at while output is coming: nothing is lost, for whoever reads', async () => {
  let child;
  let seen = 0;
  const finished = result((callback) => {
    child = exec('for i in 1 2 3 4 5 6 7 8; do head -c 50000 /dev/zero; sleep 0.05; done', { encoding: 'buffer' }, callback);
  });
  await setTimeout(150);
  child.stdout.on('data', (chunk) => (seen += chunk.length));
  const [error, stdout] = await finished;
  assert.equal(error, null);
  assert.deepEqual([stdout.length, seen], [400_000, 400_000]);
});
