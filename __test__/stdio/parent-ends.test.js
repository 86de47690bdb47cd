'use strict';

const assert = require('node:assert/strict');
const { AsyncResource } = require('node:async_hooks');
const { test } = require('node:test');
const { ParentEnds } = require('../../lib/stdio/parent-ends.js');

const PIPES = [{ type: 'pipe' }, { type: 'pipe' }, { type: 'overlapped' }];

/**
 * Ends of a child that a script stands for: what the engine was asked for is in `calls`.
 * @param {object} [answers] of the native handle
 * @param {object[]} [slots]
 */
function scripted(answers = {}, slots = PIPES) {
  const calls = [];
  const handle = new Proxy({}, {
    get: (_target, method) => (...args) => {
      calls.push([method, ...args]);
      return answers[method]?.(...args) ?? 0;
    },
  });
  const ends = new ParentEnds({
    handle, slots, resource: new AsyncResource('test'),
    onClosed: () => calls.push(['closed']), onIdle: () => calls.push(['idle']),
  });
  return { calls, ends };
}

const taken = (data) => ({ releaseStream: () => data, takeDescriptor: () => -1 });
const turn = () => new Promise(setImmediate);

test('only outputs are awaited, and of those only pipes', () => {
  assert.equal(scripted().ends.awaited, 2);
  assert.equal(scripted({}, [{ type: 'pipe' }, { type: 'ignore' }, { type: 'inherit' }, { type: 'pipe', ipc: true }]).ends.awaited, 0);
});

test('nobody looks: what is left is drained, all at once', async () => {
  const { calls, ends } = scripted({ drain: () => 0b010 });
  ends.closeStdin();
  assert.equal(ends.stream(0).destroyed, true);
  assert.deepEqual(calls.splice(0), []);
  ends.flush();
  assert.deepEqual(calls.splice(0), [['drain']]);
  await turn();
  assert.deepEqual(calls.splice(0), [['closed']]); // number 1 was at its end, but not at once
  ends.onEnd(2);
  ends.onEnd(2);
  assert.deepEqual(calls, [['idle'], ['closed']]);
});

test('everything was looked at: nothing is left to drain', () => {
  const { calls, ends } = scripted({ takeDescriptor: () => -1 });
  ends.streams();
  calls.length = 0;
  ends.closeStdin();
  ends.flush();
  assert.ok(!calls.some(([method]) => method === 'drain'));
});

test('as many ends at once as there are bits', async () => {
  const { calls, ends } = scripted({ drain: () => 0xffff_fffe }, Array(33).fill({ type: 'pipe' }));
  ends.closeStdin();
  ends.flush();
  await turn();
  assert.equal(calls.filter(([what]) => what === 'closed').length, 31);
  ends.onEnd(32);
  assert.deepEqual(calls.slice(-2), [['idle'], ['closed']]);
});

test('what was collected before somebody looked comes first', async () => {
  const { calls, ends } = scripted(taken(Buffer.from('first')));
  let told;
  assert.equal(ends.capture(1, 100, 15, (socket) => (told = socket)), true);
  const stream = ends.stream(1);
  assert.equal(told, stream);
  let text = '';
  for await (const chunk of stream) text += chunk;
  assert.equal(text, 'first');
  await new Promise((resolve) => (stream.closed ? resolve() : stream.on('close', resolve)));
  assert.deepEqual(calls, [['capture', 1, 100, 15], ['releaseStream', 1], ['takeDescriptor', 1], ['closed']]);
  ends.onEnd(1); // still under way when the stream was taken: counts no second time
  assert.equal(calls.length, 4);
});

test('an end that cannot be collected stays as it is', () => {
  const { ends } = scripted({ capture: () => -28 });
  assert.equal(ends.capture(1, 100, 15, () => {}), false);
  assert.equal(ends.isUntouched(1), true);
});

test('what was collected, of an end that has ended and of one that has not', async () => {
  const { calls, ends } = scripted({ ...taken(Buffer.from('part')), captured: () => 'all' });
  ends.capture(1, 100, 15, () => {});
  ends.capture(2, 100, 15, () => {});
  ends.onEnd(1);
  assert.equal(ends.collected(1, true), 'all');
  assert.equal(String(ends.collected(2, true)), 'part');
  await turn();
  assert.deepEqual(calls.slice(2), [['closed'], ['captured', 1, true], ['releaseStream', 2], ['closeStream', 2], ['closed']]);
});

test('a stream first looked at when it has ended is ended and destroyed', async () => {
  const { ends } = scripted({ drain: () => true });
  ends.flush();
  const { destroyed, readable, readableEnded } = ends.stream(1);
  assert.deepEqual([destroyed, readable, readableEnded], [true, false, true]);
  for await (const chunk of ends.stream(1)) assert.fail(`there is nothing to read, but ${chunk}`);
});
