'use strict';

const { isDeepStrictEqual } = require('node:util');
const { resident } = require('../process/inspect.js');

const MiB = 1 << 20;
const INVALID = 'ERR_IPC_FRAME_INVALID';
const TOO_LARGE = 'ERR_IPC_FRAME_TOO_LARGE';

/**
 * What a hostile child writes to its channel, as a shell script, and what is to come of it.
 * `errors` are the codes of the 'error' events, `messages` the messages. In 'advanced' mode a
 * message is a length of 4 bytes and a V8 serialisation: FF 0F, then T for true.
 */
const ATTACKS = {
  __proto__: null,
  'garbage between messages': {
    script: String.raw`printf '{"a":1}\nnot json\n{"a":2}\n'`,
    messages: [{ a: 1 }, { a: 2 }], errors: [INVALID],
  },
  'empty lines': { script: String.raw`printf '\n\n1\n'`, messages: [1], errors: [INVALID, INVALID] },
  'binary rubbish': { script: 'head -c 100000 /dev/urandom | tr "\\n" x; echo', errors: [INVALID] },
  'invalid UTF-8': { script: String.raw`printf '"a\377\376b"\n'`, messages: ['a\ufffd\ufffdb'] },
  'a NUL byte': { script: String.raw`printf '"a\000b"\n'`, errors: [INVALID] },
  '__proto__ keys': {
    script: String.raw`printf '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\n'`,
    messages: [JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')],
  },
  'deep nesting': { script: 'head -c 20000000 /dev/zero | tr "\\0" "["; echo', errors: [INVALID] },
  'the end in the middle of a line': { script: String.raw`printf '{"a":1}\n{"b":'`, messages: [{ a: 1 }] },
  'killed in the middle of a line': { script: String.raw`printf '{"b":'; kill -9 $$` },
  'commands out of order': {
    script: String.raw`printf '{"cmd":"NODE_HANDLE_ACK"}\n{"cmd":"NODE_HANDLE_NACK"}\n{"cmd":"NODE_"}\n{"cmd":"NODE_NONSENSE"}\n'`,
    messages: [{ cmd: 'NODE_' }],
  },
  'a handle that was not sent': { script: String.raw`printf '{"cmd":"NODE_HANDLE","type":"net.Socket","msg":{}}\n1\n'`, messages: [1] },
  'socket lists that do not exist': {
    script: String.raw`printf '{"cmd":"NODE_SOCKET_NOTIFY_CLOSE","key":"__proto__"}\n{"cmd":"NODE_SOCKET_GET_COUNT"}\n{"cmd":"NODE_SOCKET_COUNT","key":1,"count":"x"}\n1\n'`,
    messages: [1],
  },
  'an endless line': { script: 'head -c 700000000 /dev/zero | tr "\\0" x', errors: [TOO_LARGE], most: 1600 },
  'advanced: rubbish': {
    mode: 'advanced', script: String.raw`printf '\000\000\000\004abcd\000\000\000\003\377\017T'`, messages: [true], errors: [INVALID],
  },
  'advanced: a length of 4 GB': { mode: 'advanced', script: String.raw`printf '\377\377\377\377x'`, errors: [TOO_LARGE] },
  'advanced: a length of 400 MB and 10 bytes': { mode: 'advanced', script: String.raw`printf '\030\000\000\000\377\017T4567890'` },
  'advanced: an empty message': { mode: 'advanced', script: String.raw`printf '\000\000\000\000\000\000\000\003\377\017T'`, messages: [true], errors: [INVALID] },
  'advanced: the end in the middle': { mode: 'advanced', script: String.raw`printf '\000\000\000\003\377\017T\000\000'`, messages: [true] },
  'advanced: an announced gigantic string': {
    // 0" and a varint: a string of 2^31 bytes that are not there.
    mode: 'advanced', script: String.raw`printf '\000\000\000\010\377\017"\200\200\200\200\010'`, errors: [INVALID],
  },
  'advanced: an announced gigantic array': {
    mode: 'advanced', script: String.raw`printf '\000\000\000\010\377\017A\377\377\377\377\017'`, errors: [INVALID],
  },
};

/** It leaves by itself: after a disconnect() of the parent the built-in never says 'close'. */
const ECHO = 'process.on("message", (text) => (text === "leave" ? process.exit() : process.send(text)))';

module.exports = {
  fault: '10',
  title: 'a child that writes rubbish to its channel',
  needsModule: 'lib/ipc/channel.js',
  seconds: 12,
  runs: () => Object.keys(ATTACKS).map((name) => ({ name, argument: name })),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, argument } = context;
    const { errors = [], messages = [], mode = 'json', most = 150, script } = ATTACKS[argument];
    const other = cp.spawn(process.execPath, ['-e', ECHO], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const otherEnd = context.watch(other);
    await ask(context, other, 'before');
    const memory = resident();
    context.injected();
    const child = cp.spawn('sh', ['-c', `{ ${script}; } >&3`], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: mode });
    /** @type {any[]} */
    const got = [];
    let highest = 0;
    const watch = setInterval(() => { highest = Math.max(highest, resident()); }, 5);
    child.on('message', (/** @type {any} */ message) => got.push(message));
    const record = await context.watch(child);
    clearInterval(watch);
    context.equal(record.errors.map(({ code }) => code), errors, 'errors');
    if (!isDeepStrictEqual(got, messages)) {
      const missing = messages.length - got.length;
      if (missing > 0) context.lostBytes(missing, `${missing} messages of ${messages.length}`);
      else context.equal(got, messages, 'messages');
    }
    context.equal(/** @type {any} */ ({}).polluted, undefined, 'Object.prototype');
    context.ok(highest - memory < most * MiB, `memory grew by ${Math.round((highest - memory) / MiB)} MiB`);
    await ask(context, other, 'after');
    other.send('leave');
    await otherEnd;
  },
};

/** The other children are unharmed. @param {any} context @param {any} child @param {string} text */
async function ask(context, child, text) {
  const answer = new Promise((resolve) => child.once('message', resolve));
  child.send(text);
  context.equal(await context.within(answer, 'another child'), text, 'the answer of another child');
}
