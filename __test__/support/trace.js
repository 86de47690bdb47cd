'use strict';

// One scenario, run with the built-in module and with this package: everything that can be observed must be the same.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const builtin = require('node:child_process');
const ours = require('../../index.js');

const EVENTS = ['spawn', 'exit', 'close', 'error', 'message', 'disconnect'];
const ERROR_KEYS = ['name', 'message', 'code', 'errno', 'syscall', 'path', 'spawnargs', 'killed', 'signal', 'cmd', 'status'];

/**
 * An error as plain data. `step` is ours alone, and stacks name files.
 * @param {any} error
 */
function describeError(error) {
  if (!(error instanceof Error)) return error;
  const described = { class: Object.getPrototypeOf(error).constructor.name, text: String(error) };
  for (const key of ERROR_KEYS) if (key in error) described[key] = error[key];
  if (error.cause !== undefined) described.cause = describeError(error.cause);
  for (const key of ['stdout', 'stderr']) if (key in error) described[key] = String(error[key]);
  return described;
}

/**
 * The events of a child as they come.
 * @param {import('node:child_process').ChildProcess} child
 * @param {string[]} [events]
 */
function traceOf(child, events = EVENTS) {
  const trace = [];
  for (const event of events) child.on(event, (...args) => trace.push([event, ...args.map(describeError)]));
  return trace;
}

/**
 * The events of a child up to a last one, and its state then.
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} [last]
 */
async function life(child, last = 'close') {
  const events = traceOf(child);
  const trace = await new Promise((resolve) => child.on(last, () => resolve([...events])));
  return { trace, ...stateOf(child) };
}

/** @param {import('node:child_process').ChildProcess} child */
function stateOf(child) {
  const { connected, exitCode, killed, signalCode, spawnargs, spawnfile } = child;
  return { connected, exitCode, killed, pid: typeof child.pid, signalCode, spawnargs, spawnfile };
}

/**
 * All a stream gives, as text.
 * @param {import('node:stream').Readable} stream
 */
async function textOf(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

/**
 * What a call throws, described; or what it returns.
 * @param {() => any} call
 */
function outcomeOf(call) {
  try {
    return { returned: call() };
  } catch (error) {
    return { thrown: describeError(error) };
  }
}

/**
 * Declares a test: the scenario must give the same with both modules.
 * @param {string} name
 * @param {(cp: typeof import('node:child_process')) => any} scenario
 * @param {any} [expected] what it must give; without, that of the built-in
 */
function parity(name, scenario, expected) {
  test(name, { timeout: 30_000 }, async () => {
    const wanted = await scenario(builtin);
    if (expected !== undefined) assert.deepEqual(wanted, expected, 'the scenario gives something else with the built-in');
    assert.deepEqual(await scenario(/** @type {any} */ (ours)), wanted);
  });
}

module.exports = { builtin, describeError, life, ours, outcomeOf, parity, stateOf, textOf, traceOf };
