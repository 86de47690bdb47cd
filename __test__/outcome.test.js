'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { ChildProcess, spawn } = require('../index.js');
const { native } = require('../lib/backend.js');
const { handlers, onExit } = require('../lib/outcome.js');

const { EventKind } = native;

/** A child whose process has ended, seen only by a script: what the engine says of it is made up. */
function scripted() {
  const child = new ChildProcess();
  const trace = [];
  child.spawnfile = 'file';
  child.spawnargs = ['file', 'a'];
  for (const event of ['exit', 'error', 'close']) child.on(event, (...args) => trace.push([event, ...args]));
  return { child, trace };
}

test('an exit whose status somebody else has fetched: one exit, and neither code nor signal', () => {
  const { child, trace } = scripted();
  onExit(child, -1, 0);
  assert.deepEqual(trace, [['exit', null, null], ['close', null, null]]);
});

test('supervision that failed is an error, not silence', () => {
  const { child, trace } = scripted();
  handlers[EventKind.Lost](child, -5, 0);
  assert.deepEqual(trace.map(([event]) => event), ['error', 'close']);
  const { code, step, syscall } = trace[0][1];
  assert.deepEqual({ code, step, syscall }, { code: 'EIO', step: 'supervise', syscall: 'spawn file' });
});

test('a deadline whose kill failed', () => {
  const { child, trace } = scripted();
  child.pid = 1;
  handlers[EventKind.Deadline](child, -1, 0); // EPERM
  handlers[EventKind.Deadline](child, -22, 0); // EINVAL: thrown by kill(), an event here
  handlers[EventKind.Deadline](child, -3, 0); // ESRCH: it has ended, which is yet to be reported
  assert.deepEqual(trace.map(([event, error]) => [event, error.message]), [['error', 'kill EPERM'], ['error', 'kill EINVAL']]);
  assert.equal(child.killed, true);
});

test('kill() of a child that was never started reaches nobody', () => {
  assert.equal(new ChildProcess().kill('SIGKILL'), false);
  const child = spawn('does-not-exist').on('error', () => {});
  assert.equal(child.kill('SIGKILL'), false);
});
