'use strict';

const builtin = { ...require('node:child_process') };

/**
 * Odd arguments; each is given to the implementation and to the built-in, and the answers must be
 * the same: an error's name, code and text, or what the child printed. A function makes new ones for
 * each call, since getters may count.
 */
const INPUTS = {
  __proto__: null,
  'a NUL in the file': () => ['a\0b'],
  'a NUL in an argument': () => ['echo', ['a\0b']],
  'a NUL in cwd': () => ['echo', [], { cwd: '/\0' }],
  'a NUL in an env value': () => ['env', [], { env: { A: 'a\0B=b' } }],
  'a NUL in an env name': () => ['env', [], { env: { 'A\0B': 'b' } }],
  'a NUL in argv0': () => ['echo', [], { argv0: 'a\0' }],
  'a NUL in the shell': () => ['echo', [], { shell: '/bin/sh\0' }],
  'lone surrogates': () => ['printf', ['%s', 'a\ud800b\udc00']],
  'lone surrogates in the environment': () => ['env', [], { env: { 'A\ud800': '\udfff' } }],
  'text beyond the BMP': () => ['printf', ['%s', '\u{1f600} ä \u0001']],
  'an argument of 128 KiB': () => ['true', ['x'.repeat(128 * 1024)]],
  'an argument just short of it': () => ['true', ['x'.repeat(128 * 1024 - 1)]],
  'arguments of 8 MB together': () => ['true', Array.from({ length: 80 }, () => 'x'.repeat(100_000))],
  'a million arguments': () => ['true', new Array(1_000_000).fill('x')],
  'an enormous environment': () => ['env', [], { env: Object.fromEntries(Array.from({ length: 50 }, (_value, i) => [`N${i}`, 'x'.repeat(100_000)])) }],
  'an env name with =': () => ['env', [], { env: { 'A=B': 'c', 'D': 'e' } }],
  'an empty env name': () => ['env', [], { env: { '': 'x', 'D': 'e' } }],
  'an env of other types': () => ['env', [], { env: { A: 1, B: null, C: undefined, D: true, E: {}, F: [1, 2], G: 1n } }],
  'a symbol in the environment': () => ['env', [], { env: { A: Symbol('x') } }],
  'an env value whose toString throws': () => ['env', [], { env: { A: { toString() { throw new TypeError('meant to'); } } } }],
  'an inherited environment': () => ['env', [], { env: Object.create({ A: '1' }, { B: { value: '2', enumerable: true }, C: { value: '3', enumerable: false } }) }],
  'an environment getter that throws': () => ['env', [], { env: Object.defineProperty({}, 'A', { enumerable: true, get() { throw new TypeError('meant to'); } }) }],
  'an environment Proxy that throws': () => ['env', [], { env: new Proxy({}, { ownKeys() { throw new TypeError('meant to'); } }) }],
  'an environment that grows when read': () => {
    const env = { A: '1' };
    Object.defineProperty(env, 'B', { enumerable: true, get() { env.C = '3'; return '2'; } });
    return ['env', [], { env }];
  },
  'no environment': () => ['/usr/bin/env', [], { env: {} }],
  'PATH unset': () => ['true', [], { env: {} }],
  'PATH empty': () => ['true', [], { env: { PATH: '' } }],
  'PATH with a file in it': () => ['true', [], { env: { PATH: '/etc/passwd:/usr/bin:/bin' } }],
  'PATH twice': () => ['true', [], { env: { PATH: '/nowhere' } }],
  'an args getter that throws': () => ['echo', Object.defineProperty(['a', 'b'], 1, { get() { throw new TypeError('meant to'); } })],
  'an args Proxy that throws': () => ['echo', new Proxy(['a'], { get() { throw new TypeError('meant to'); } })],
  'an args Proxy': () => ['echo', new Proxy(['a', 'b'], {})],
  'args with holes': () => ['echo', ['a', , 'b']], // eslint-disable-line no-sparse-arrays
  'args of other types': () => ['echo', [1, null, undefined, true, {}, [1, 2]]],
  'a symbol among the args': () => ['echo', [Symbol('x')]],
  'an arg whose toString throws': () => ['echo', [{ toString() { throw new TypeError('meant to'); } }]],
  'an empty file': () => [''],
  'an empty argument': () => ['printf', ['%s|', '', 'a', '']],
  'a file that is a number': () => [5],
  'options getter that throws': () => ['echo', [], Object.defineProperty({}, 'cwd', { enumerable: true, get() { throw new TypeError('meant to'); } })],
  'options that are inherited': () => ['pwd', [], Object.create({ cwd: '/usr' })],
  'a cwd that changes between reads': () => {
    let reads = 0;
    return ['pwd', [], { get cwd() { return reads++ === 0 ? '/usr' : 7; } }];
  },
  'stdio with a getter that throws': () => ['echo', [], { stdio: Object.defineProperty(['pipe', 'pipe', 'pipe'], 1, { get() { throw new TypeError('meant to'); } }) }],
  'stdio -1': () => ['echo', [], { stdio: ['pipe', -1] }],
  'stdio of a number that is not open': () => ['echo', [], { stdio: ['pipe', 'pipe', 'pipe', 4000] }],
  'uid -1': () => ['id', [], { uid: -1 }],
  'uid 2^31': () => ['true', [], { uid: 2 ** 31 }],
  'uid 1.5': () => ['true', [], { uid: 1.5 }],
  'gid of a string': () => ['true', [], { gid: '0' }],
  'cwd that is a file': () => ['true', [], { cwd: '/etc/passwd' }],
  'cwd as a URL': () => ['pwd', [], { cwd: new URL('file:///usr') }],
  'cwd as a URL with an encoded slash': () => ['pwd', [], { cwd: new URL('file:///usr%2fbin') }],
  'a file that is a folder': () => ['/'],
  'a file without permission': () => ['/etc/passwd'],
  'a path through a file': () => ['/etc/passwd/x'],
  'a name too long': () => ['x'.repeat(5000)],
  'a loop of links': () => ['/proc/self/fd/../../self/task/../cwd/../nothing'],
  'timeout Infinity': () => ['true', [], { timeout: Infinity }],
  'timeout -1': () => ['true', [], { timeout: -1 }],
  'maxBuffer -1': () => ['true', [], { maxBuffer: -1 }],
  'killSignal 99': () => ['true', [], { killSignal: 99 }],
  'killSignal __proto__': () => ['true', [], { killSignal: '__proto__' }],
  'serialization x': () => ['true', [], { serialization: 'x', stdio: ['ipc'] }],
};

/** Names put on Object.prototype. Not among them: 'signal', over which the built-in's own net.Socket stumbles. */
const POLLUTED = ['cwd', 'env', 'shell', 'uid', 'gid', 'detached', 'stdio', 'argv0', 'timeout', 'input', 'windowsHide', 'envPairs', 'file', 'args', 'get', 'set', 'value', 'step', 'channelEnv'];

/** It says where it is, and reads what it is given. */
const PWD = ['sh', ['-c', 'pwd; cat']];

module.exports = {
  fault: 'input',
  title: 'odd arguments: the answer is the built-in\'s',
  packageOnly: 'it is what is compared with',
  seconds: 120,

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    // First all of the built-in's: it leaks with some of them, which is not ours to answer for.
    const expected = await answers(builtin);
    await context.pause(200);
    context.setBaseline();
    const actual = await answers(context.cp);
    for (const [name, value] of expected) {
      context.injected();
      context.equal(actual.get(name), value, name);
    }
  },
};

/** @param {any} cp @returns {Promise<Map<string, any>>} */
async function answers(cp) {
  const found = new Map();
  for (const [name, make] of Object.entries(INPUTS)) {
    found.set(`spawn, ${name}`, await answer(cp, make()));
    found.set(`spawnSync, ${name}`, syncAnswer(cp, make()));
  }
  for (const name of POLLUTED) {
    for (const value of ['/usr', 7, true, { A: '1' }]) {
      const what = `Object.prototype.${name} = ${typeof value}`;
      found.set(`spawn, ${what}`, await polluted(name, value, () => answer(cp, PWD)));
      found.set(`spawnSync, ${what}`, await polluted(name, value, async () => syncAnswer(cp, PWD)));
    }
  }
  return found;
}

/** @param {string} name @param {any} value @param {() => Promise<any>} call */
async function polluted(name, value, call) {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: false, writable: true });
  try {
    return await call();
  } finally {
    delete Object.prototype[name];
  }
}

/** @param {any} error */
function told(error) {
  return { name: error.name, code: error.code, syscall: error.syscall, path: error.path, text: String(error.message).slice(0, 300) };
}

/** @param {any} cp @param {any[]} args */
function answer(cp, args) {
  return new Promise((resolve) => {
    let child;
    let stdout = '';
    let failure;
    try {
      child = cp.spawn(...args);
      // Streams are made when first looked at, where the built-in makes them at once.
      child.stdout?.on('data', (/** @type {Buffer} */ data) => { stdout += data.toString('latin1'); });
      child.on('error', (/** @type {any} */ error) => { failure = told(error); });
      child.on('close', (/** @type {any} */ code, /** @type {any} */ signal) => resolve({ code, signal, failure, stdout: sorted(stdout) }));
      child.stdin?.on('error', () => {}).end();
    } catch (error) {
      child?.kill('SIGKILL');
      resolve({ thrown: told(error) });
    }
  });
}

/** @param {any} cp @param {any[]} args */
function syncAnswer(cp, args) {
  try {
    const { error, signal, status, stdout } = cp.spawnSync(...args);
    return { error: error && told(error), signal, status, stdout: sorted(stdout?.toString('latin1')) };
  } catch (error) {
    return { thrown: told(error) };
  }
}

/** A shell may set `_`, and PWD is the directory's. @param {string | undefined} text */
function sorted(text) {
  return text?.split('\n').filter((line) => !/^(_|PWD|SHLVL|OLDPWD)=/.test(line)).sort().join('\n').slice(0, 2000);
}
