'use strict';

const assert = require('node:assert/strict');
const builtin = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { test } = require('node:test');
const { inspect } = require('node:util');
const v8 = require('node:v8');
const ours = require('../../index.js');
const { codecs } = require('../../lib/ipc/codecs.js');

const CHILD = join(__dirname, 'fixtures', 'child.js');

/** A frame as it leaves, in memory of its own. */
function frameOf({ encode, room }, message) {
  const frame = encode(message);
  if (typeof frame === 'string') return frame;
  return Buffer.from(typeof frame === 'number' ? room.subarray(0, frame) : frame);
}

/** Whether two results of frames are the same; errors without their traces. */
function assertSame(actual, expected) {
  const brief = (got) => (got instanceof Error ? `${got.name}: ${got.message}` : got);
  assert.deepStrictEqual(actual.map(brief), expected.map(brief));
}

/** The messages of frames that come together; an error where there is none. */
function decode(codec, frames) {
  const payload = codec === codecs.json ? frames.join(',\n') : Buffer.concat(frames);
  const got = [];
  const each = (message, error) => got.push(error ?? message);
  codec.decode(payload, frames.length, each);
  if (payload.length <= codec.inbox?.length) {
    const direct = got.splice(0);
    codec.inbox.fill(0x54);
    payload.copy(codec.inbox);
    codec.decode(payload.length, frames.length, each);
    codec.inbox.fill(0x54);
    assertSame(got, direct);
  }
  return got;
}

/** What one frame of a codec becomes again. */
function roundTrip(codec, message) {
  const [got] = decode(codec, [frameOf(codec, message)]);
  if (got instanceof Error && !(message instanceof Error)) throw got;
  return got;
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

test('advanced: plain messages are written as V8 writes them, others by V8', () => {
  class Point {
    x = 1;
  }
  const shared = { is: 'shared' };
  const cyclic = { name: 'cyclic' };
  cyclic.self = cyclic;
  const withMore = Object.assign([1, 2], { more: true });
  const plain = [
    'text', '', 'é', 'x'.repeat(33), 'x'.repeat(10_000), 0, -0, 1, -1, 63, -64, 64, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 0.1, NaN, Infinity,
    true, false, null, {}, [], [[]], { 'a': { b: { c: [1, { d: null }] } }, '7': undefined, 'naïve': 'ÿ', '': [] }, { ['__proto__']: 1 },
    Array.from({ length: 63 }, (_value, index) => ({ index })),
  ];
  const others = [
    'Ā', '\ud800', 'é'.repeat(40), '€'.repeat(42), '😀'.repeat(20), { text: `${'x'.repeat(40)}é` }, 'x'.repeat(20_000), Array(5), withMore, [shared, shared], cyclic,
    new Date(0), Object.setPrototypeOf(new Date(0), Object.prototype), { __proto__: null, a: 1 }, new Point(), Object('boxed'),
    new (class extends Array {})(1, 2), Array.from({ length: 65 }, (_value, index) => ({ index })), { value: 1n }, new Map([[1, 2]]),
    Array.from({ length: 17_000 }, () => 1), Buffer.from('bytes'),
  ];
  for (const message of [...plain, ...others]) {
    const frame = frameOf(codecs.advanced, message);
    const body = frame.subarray(4);
    assert.equal(frame.readUInt32BE(0), body.length);
    assert.equal(typeof codecs.advanced.encode(message) === 'number', plain.includes(message), inspect(message));
    assert.deepStrictEqual(roundTrip(codecs.advanced, message), v8.deserialize(v8.serialize(message)));
    // Views have a mark of their own in Node's channel, numbers of keys another tag.
    if (message !== others.at(-1) && !('7' in Object(message))) assert.deepEqual(body, v8.serialize(message), inspect(message));
  }
});

test('advanced: what cannot be sent is refused as V8 refuses it', () => {
  (function notPlain(..._values) {
    for (const message of [() => {}, { f() {} }, { s: Symbol('s') }, new Proxy({}, {}), [new Proxy([], {})], arguments, { p: Promise.resolve() }]) {
      assert.throws(() => codecs.advanced.encode(message), /could not be cloned/, inspect(message));
    }
  })(1);
});

test('advanced: a getter may send, and may throw', () => {
  const { advanced } = codecs;
  let inner;
  const outer = {
    first: 1,
    get second() {
      inner = frameOf(advanced, { from: 'inside' });
      return 'two';
    },
  };
  assert.deepEqual(roundTrip(advanced, outer), { first: 1, second: 'two' });
  assert.deepEqual(decode(advanced, [inner]), [{ from: 'inside' }]);
  const failing = { get property() { throw new RangeError('mine'); } };
  assert.throws(() => advanced.encode(failing), new RangeError('mine'));
  assert.deepEqual(roundTrip(advanced, { after: true }), { after: true });
});

test('advanced: names that objects inherit are names like others', (t) => {
  const message = { constructor: 1, toString: { valueOf: 2 }, inherited: 3, fixed: [4], ['__proto__']: 5 };
  const frame = frameOf(codecs.advanced, message);
  Object.defineProperty(Object.prototype, 'inherited', { set() { throw new Error('was called'); }, configurable: true });
  Object.defineProperty(Object.prototype, 'fixed', { value: 0, configurable: true });
  t.after(() => {
    delete Object.prototype.inherited;
    delete Object.prototype.fixed;
  });
  const [got] = decode(codecs.advanced, [frame]);
  assert.deepEqual(Object.entries(got), Object.entries(message));
});

/** Makes frames that come together be what each is by itself. */
function assertTogetherAsAlone(frames) {
  const alone = frames.flatMap((frame) => decode(codecs.advanced, [Buffer.from(frame)]));
  assertSame(decode(codecs.advanced, frames), alone);
  return alone;
}

test('advanced: frames that come together are what each is by itself', () => {
  const shared = { is: 'shared' };
  const messages = [1, 'two', { three: 3 }, [shared, shared], { caret: '^' }, [shared, [shared]], 47, {}, new Map([[shared, shared]]), 'last'];
  const frames = messages.map((message) => frameOf(codecs.advanced, message));
  assert.deepEqual(assertTogetherAsAlone(frames), messages);
  const [repeated] = decode(codecs.advanced, [frames[2], frames[3]]).slice(1);
  assert.equal(repeated[0], repeated[1]);

  const behind = (frame, bytes) => {
    const longer = Buffer.concat([frame, bytes]);
    longer.writeUInt32BE(longer.length - 4, 0);
    return longer;
  };
  const [first, text] = frames;
  assertTogetherAsAlone([first, behind(text, Buffer.from('more')), text, behind(first, text), text]);
  assertTogetherAsAlone([first, behind(text, Buffer.alloc(3)), behind(text, Buffer.from([0x84, 0x80, 0x80, 0])), text]);
  assertTogetherAsAlone([text, behind(text.subarray(0, -1), Buffer.alloc(0)), text, behind(Buffer.alloc(4), Buffer.alloc(0)), text]);
  assertTogetherAsAlone([text, behind(Buffer.concat([Buffer.alloc(4), text.subarray(6)]), Buffer.alloc(0)), text]);
});

test('advanced: a frame that is nearly plain is what V8 makes of it', () => {
  const header = v8.serialize(null).subarray(0, 2);
  const bodies = {
    'an object with another count': [...Buffer.from('o"\x01aI\x02{'), 5],
    'an object without an end': [...Buffer.from('o"\x01aI\x02')],
    'an object with a number for a name': [...Buffer.from('oI\x02T{'), 1],
    'an array with another length': [...Buffer.from('A\x01T$\x00'), 2],
    'an array with another count of properties': [...Buffer.from('A\x01T$\x01'), 1],
    'an array that is longer than the frame': [...Buffer.from('A\x7fT')],
    'a string that is longer than the frame': [...Buffer.from('"\x06text')],
    'a string with a length of five bytes': [0x22, 0x84, 0x80, 0x80, 0x80, 0x00, ...Buffer.from('text')],
    'a string with a length of six bytes': [0x22, 0x84, 0x80, 0x80, 0x80, 0x80, 0x00, ...Buffer.from('text')],
    'half a double': [...Buffer.from('N1234')],
    'padding': [0, 0, ...Buffer.from('"\x04text')],
    'something behind': [...Buffer.from('TT')],
    'nothing': [],
    'arrays in arrays': [...Buffer.from(`${'A\x01'.repeat(5000)}T${'$\x00\x01'.repeat(5000)}`)],
    'objects in objects': [...Buffer.from(`${'o"\x01a'.repeat(4000)}T${'{\x01'.repeat(4000)}`)],
    'nothing but beginnings': [...Buffer.from('A\x01'.repeat(8000))],
  };
  const text = frameOf(codecs.advanced, 'text');
  for (const [name, body] of Object.entries(bodies)) {
    const frame = Buffer.concat([Buffer.alloc(4), header, Buffer.from(body)]);
    frame.writeUInt32BE(frame.length - 4, 0);
    let expected;
    try {
      expected = inspect(v8.deserialize(frame.subarray(4)), { depth: 9 });
    } catch (error) {
      expected = `an error: ${error.message}`;
    }
    const [, got, ...others] = decode(codecs.advanced, [text, frame, text, text]);
    assert.equal(got instanceof Error ? `an error: ${got.message}` : inspect(got, { depth: 9 }), expected, name);
    assert.deepEqual(others, ['text', 'text']);
  }
});

test('advanced: whatever is done to the bytes of a frame, the others come through', () => {
  const messages = [{ a: 'x', list: [1, -1] }, 'text', { map: new Map([[1, new Uint8Array(3)]]) }, { a: 'y', list: [] }];
  const frames = messages.map((message) => frameOf(codecs.advanced, message));
  for (const [which, frame] of frames.entries()) {
    for (let at = 4; at < frame.length; at++) {
      for (const flip of [0x01, 0x02, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(frame);
        changed[at] ^= flip;
        assertTogetherAsAlone(frames.with(which, changed));
      }
    }
  }
});

test('advanced: every truncation and every flipped byte is an error or a value', () => {
  const frame = frameOf(codecs.advanced, { text: 'x', list: [1, new Uint8Array(3)], map: new Map([[1, 2]]) });
  for (let end = 4; end < frame.length; end++) {
    const shorter = Buffer.from(frame.subarray(0, end));
    shorter.writeUInt32BE(end - 4, 0);
    decode(codecs.advanced, [shorter]);
    for (const flip of [0x01, 0x80, 0xff]) {
      const bytes = Buffer.from(frame);
      bytes[end] ^= flip;
      decode(codecs.advanced, [bytes]);
    }
  }
});

test('json: a line that is no message spoils no other', () => {
  const { json } = codecs;
  const good = [{ a: 1 }, [2], 'three,', null, 5];
  const lines = good.map((message) => frameOf(json, message));
  assert.deepEqual(decode(json, lines), good);
  for (const bad of ['', ' ', '1,2', '[1', ']', '{}{}', '"', 'undefined', ',', '//', '1],[2']) {
    for (const at of [0, 2, lines.length]) {
      const got = decode(json, lines.toSpliced(at, 0, bad));
      assert.ok(got[at] instanceof SyntaxError, bad);
      got.splice(at, 1);
      assert.deepEqual(got, good);
    }
  }
});

test('json: what JSON.stringify makes', () => {
  assert.deepEqual(roundTrip(codecs.json, { a: new Date(0), b: undefined, ['__proto__']: 1 }),
    JSON.parse('{"a":"1970-01-01T00:00:00.000Z","__proto__":1}'));
  assert.throws(() => codecs.json.encode(1n), TypeError);
  assert.throws(() => roundTrip(codecs.json, { toJSON: () => undefined }), SyntaxError);
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
