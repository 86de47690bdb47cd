'use strict';

const assert = require('node:assert/strict');
const builtin = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { test } = require('node:test');
const ours = require('../../index.js');
const { codecs } = require('../../lib/ipc/codecs.js');

const CHILD = join(__dirname, 'fixtures', 'child.js');

/** What one frame of a codec becomes again. */
function roundTrip({ decode, encode, split }, message) {
  const frame = encode(message);
  const [body] = split(typeof frame === 'string' ? [frame] : frame);
  return decode(body);
}

const VALUES = {
  map: new Map([['a', new Set([1, 2n])]]),
  date: new Date(0),
  regexp: /a+/gi,
  error: new RangeError('mine'),
  bigint: [2n ** 70n, -1n],
  typed: [new Uint8Array([1, 2]), new Float64Array([0.5]), new BigInt64Array([1n]), new DataView(new ArrayBuffer(3))],
  buffer: Buffer.from('bytes'),
  odd: new Uint16Array(new Uint8Array([0, 1, 2, 3, 4, 5]).buffer, 2, 2),
  special: [undefined, NaN, -0, Infinity, null],
  nested: { a: { b: [{}] } },
};

test('advanced: values survive', () => {
  for (const [name, value] of Object.entries(VALUES)) {
    assert.deepStrictEqual(roundTrip(codecs.advanced, { value }), { value }, name);
  }
});

test('advanced: an object with host state is sent as the object of its properties', () => {
  const { handle } = roundTrip(codecs.advanced, { handle: new (require('node:worker_threads').MessageChannel)().port1 });
  assert.equal(Object.getPrototypeOf(handle), Object.prototype);
});

test('advanced: batches are split where the lengths say', () => {
  const frames = [1, 'two', { three: 3 }].map((message) => codecs.advanced.encode(message));
  const bodies = codecs.advanced.split(Buffer.concat(frames));
  assert.deepEqual(bodies.map((body) => codecs.advanced.decode(body)), [1, 'two', { three: 3 }]);
});

test('advanced: every truncation and every flipped byte is an error or a value', () => {
  const body = codecs.advanced.encode({ text: 'x', list: [1, new Uint8Array(3)], map: new Map([[1, 2]]) }).subarray(4);
  const attempt = (bytes) => {
    try {
      codecs.advanced.decode(bytes);
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  };
  for (let end = 0; end < body.length; end++) {
    attempt(Buffer.from(body.subarray(0, end)));
    for (const flip of [0x01, 0x80, 0xff]) {
      const bytes = Buffer.from(body);
      bytes[end] ^= flip;
      attempt(bytes);
    }
  }
});

test('json: what JSON.stringify makes', () => {
  assert.deepEqual(roundTrip(codecs.json, { a: new Date(0), b: undefined, ['__proto__']: 1 }),
    JSON.parse('{"a":"1970-01-01T00:00:00.000Z","__proto__":1}'));
  assert.throws(() => codecs.json.encode(1n), TypeError);
  assert.throws(() => codecs.json.decode('{'), SyntaxError);
});

test('advanced: a real child sees and sends what it would under the built-in', async () => {
  const [mine, theirs] = await Promise.all([ours, builtin].map(async ({ fork }) => {
    const child = fork(CHILD, { serialization: 'advanced' });
    const got = {};
    for (const [name, value] of Object.entries(VALUES)) {
      child.send({ do: 'echo', value });
      const [echoed] = await once(child, 'message');
      child.send({ do: 'typeOf', value });
      const [{ type }] = await once(child, 'message');
      got[name] = { echoed: echoed.value, type };
    }
    child.disconnect();
    await once(child, 'exit');
    return got;
  }));
  assert.deepStrictEqual(mine, theirs);
});

test('advanced: a typed array of 32 MB from the child', async () => {
  const child = ours.fork(CHILD, { serialization: 'advanced' });
  child.send({ do: 'bytes', length: 32 << 20 });
  const [bytes] = await once(child, 'message');
  assert.equal(bytes.length, 32 << 20);
  assert.ok(bytes.every((byte) => byte === 7));
  child.disconnect();
  await once(child, 'close');
});
