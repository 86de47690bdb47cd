'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const net = require('node:net');
const { join } = require('node:path');

/** How long one check may take before it counts as failed. */
const LIMIT = 10_000;

/**
 * The live self-test. Each check does one real job and returns a line about it, or throws.
 * @type {Record<string, (cp: typeof import('../..')) => unknown>}
 */
const checks = {
  async spawn(cp) {
    const child = cp.spawn('cat');
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => { output += chunk; });
    child.stdin.end('through a pipe');
    const [code] = await once(child, 'close');
    assert.deepEqual([code, output], [0, 'through a pipe']);
    return `process ${child.pid} echoed its input`;
  },

  async exec(cp) {
    const { error, stdout } = await new Promise((resolve) => {
      cp.exec('echo "$((6 * 7))"; exit 3', (failure, out) => resolve({ error: failure, stdout: out }));
    });
    assert.deepEqual([error?.code, stdout], [3, '42\n']);
    return 'output and exit code of a shell command arrived';
  },

  async fork(cp) {
    const child = forkHelper(cp, []);
    const [code] = await once(child, 'exit');
    assert.equal(code, 7);
    return 'a Node child ran';
  },

  async ipc(cp) {
    const child = forkHelper(cp, ['echo']);
    const message = { text: 'hello', numbers: [1, 2.5, -3] };
    child.send(message);
    const [answer] = await once(child, 'message');
    assert.deepEqual(answer, message);
    await leave(child);
    return 'a message went there and back';
  },

  async advanced(cp) {
    const child = forkHelper(cp, ['echo'], { serialization: 'advanced' });
    const message = new Map([['when', new Date(0)]]);
    child.send(message);
    const [answer] = await once(child, 'message');
    assert.deepEqual(answer, message);
    await leave(child);
    return 'a Map went there and back';
  },

  async handle(cp) {
    const child = forkHelper(cp, ['server']);
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {net.AddressInfo} */ (server.address());
    child.send('server', server);
    await once(child, 'message');
    server.close();

    const [data] = await once(net.connect(port, '127.0.0.1'), 'data');
    assert.equal(String(data), 'from the child');
    await leave(child);
    return 'a child answered on a socket that it was given';
  },

  sync(cp) {
    const { status, stdout } = cp.spawnSync('cat', { input: 'sync', encoding: 'utf8' });
    assert.deepEqual([status, stdout], [0, 'sync']);
    return 'spawnSync returned the output';
  },

  async missing(cp) {
    const [error] = await once(cp.spawn('./no/such/command'), 'error');
    assert.equal(error.code, 'ENOENT');
    return `a command that is not there is reported: ${error.message}`;
  },
};

/**
 * @param {typeof import('../..')} cp
 * @param {string[]} args
 * @param {import('node:child_process').ForkOptions} [options]
 */
function forkHelper(cp, args, options) {
  return cp.fork(join(__dirname, 'child.js'), args, { execArgv: [], ...options });
}

/** @param {import('node:child_process').ChildProcess} child */
async function leave(child) {
  const exited = once(child, 'exit');
  child.disconnect();
  assert.deepEqual(await exited, [0, null]);
}

/**
 * @param {string} name
 * @param {typeof import('../..')} cp
 */
async function runOne(name, cp) {
  const started = process.hrtime.bigint();
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${LIMIT} ms`)), LIMIT);
  });
  const outcome = await Promise.race([Promise.resolve(cp).then(checks[name]), limit]).then(
    (detail) => ({ ok: true, detail }),
    (error) => ({ ok: false, detail: error?.message ?? String(error) }),
  );
  clearTimeout(timer);
  return { name, ...outcome, ms: Number(process.hrtime.bigint() - started) / 1e6 };
}

/**
 * Runs every check, one after the other.
 * @param {typeof import('../..')} cp
 * @returns {Promise<Array<{ name: string, ok: boolean, detail: unknown, ms: number }>>}
 */
async function runChecks(cp) {
  const results = [];
  for (const name of Object.keys(checks)) results.push(await runOne(name, cp));
  return results;
}

module.exports = { runChecks };
