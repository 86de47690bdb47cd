'use strict';

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { spawnSync } = require('node:child_process');
const diagnosticsChannel = require('node:diagnostics_channel');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { join } = require('node:path');
const { test } = require('node:test');
const { setTimeout } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { ChildProcess, exec, spawn } = require('../index.js');
const { tracesSpawn } = require('../lib/options/running-node.js');

const INDEX = join(__dirname, '..', 'index.js');

/** Runs a script that has the module as `cp`, to its end. */
function run(script) {
  const { status, stderr, stdout } = spawnSync(process.execPath, ['-e', `const cp = require(${JSON.stringify(INDEX)}); ${script}`],
    { encoding: 'utf8', timeout: 20_000 });
  assert.equal(stderr, '');
  return { status, stdout };
}

/** How many descriptors this process has. */
function descriptors() {
  return fs.readdirSync('/proc/self/fd').length;
}

/**
 * A number once it stays the same: the engine closes what is its own after it has reported it.
 * @param {() => number} measure
 */
async function settled(measure) {
  let last = NaN;
  for (let i = 0, same = 0; same < 5 && i < 200; i++) {
    await setTimeout(10);
    const now = measure();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}

/** The children of this process that have ended and that nobody has reaped. */
function zombies() {
  return fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try {
      const [state, ppid] = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      return state === 'Z' && Number(ppid) === process.pid;
    } catch {
      return false; // gone meanwhile
    }
  });
}

test('2,000 children, failed ones among them, leave no descriptor and no zombie', { timeout: 120_000 }, async () => {
  const kinds = [
    () => spawn('true'),
    () => spawn('sh', ['-c', 'echo out; echo err >&2']),
    () => spawn('does-not-exist').on('error', () => {}),
    () => spawn('true', { cwd: '/does/not/exist' }).on('error', () => {}),
    () => exec('echo collected; exit 1', () => {}),
    () => {
      const child = spawn('echo', ['read']);
      child.stdout.resume();
      return child;
    },
    () => spawn('cat', { timeout: 1 }),
    () => {
      assert.throws(() => spawn('true', ['a'.repeat(200_000)]), { code: 'E2BIG' });
      return spawn('true', { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    },
  ];
  const round = (count) => Promise.all(Array.from({ length: count }, (_, i) =>
    new Promise((resolve) => kinds[i % kinds.length]().on('close', resolve))));
  await round(40); // what is opened once stays open
  const before = await settled(descriptors);
  for (let i = 0; i < 50; i++) await round(40);
  assert.equal(await settled(descriptors), before);
  assert.deepEqual(zombies(), []);
});

test('nobody looks at a stream: none is made', async () => {
  const child = spawn('sh', ['-c', 'echo out']);
  await once(child, 'close');
  assert.equal(Object.hasOwn(child, 'stdout'), false);
  assert.equal(child[Object.getOwnPropertySymbols(child).find(({ description }) => description?.endsWith('streams'))].peek(1), null);
});

test('a stream is a net.Socket, made once', async () => {
  const child = spawn('cat');
  assert.ok(child.stdout instanceof net.Socket);
  assert.equal(child.stdout, child.stdio[1]);
  assert.equal(child.stdout, child.stdout);
  child.stdin.end();
  await once(child, 'close');
});

test('listeners run in the context of the spawn', async () => {
  const storage = new AsyncLocalStorage();
  const seen = {};
  const [child, missing] = storage.run('context', () => [spawn('echo', ['out']), spawn('does-not-exist')]);
  for (const event of ['spawn', 'exit', 'close']) child.on(event, () => (seen[event] = storage.getStore()));
  missing.on('error', () => (seen.error = storage.getStore()));
  await storage.run('elsewhere', async () => {
    child.stdout.on('data', () => (seen.data = storage.getStore()));
    await Promise.all([child, missing].map((one) => new Promise((resolve) => one.on('close', resolve))));
  });
  assert.deepEqual(seen, { spawn: 'context', data: 'context', exit: 'context', close: 'context', error: 'context' });
});

test('a creation is published', () => {
  const seen = [];
  const listen = (message) => seen.push(message);
  diagnosticsChannel.subscribe('child_process', listen);
  const child = new ChildProcess();
  diagnosticsChannel.unsubscribe('child_process', listen);
  assert.deepEqual(seen.map((message) => message.process === child), [true]);
});

test('a start is traced', { skip: !tracesSpawn && 'this Node version has no such channel' }, async () => {
  const channel = diagnosticsChannel.tracingChannel('child_process.spawn');
  const seen = [];
  const listeners = {
    start: ({ options }) => seen.push(['start', options.file, options.envPairs.length > 0]),
    end: ({ process: child }) => seen.push(['end', child instanceof ChildProcess]),
    error: ({ error }) => seen.push(['error', error.code]),
  };
  channel.subscribe(listeners);
  const children = [spawn('true'), spawn('does-not-exist').on('error', () => {})];
  await Promise.all(children.map((child) => new Promise((resolve) => child.on('close', resolve))));
  assert.throws(() => spawn('a'.repeat(5000)), { code: 'ENAMETOOLONG' });
  channel.unsubscribe(listeners);
  assert.deepEqual(seen, [
    ['start', 'true', true], ['end', true], ['start', 'does-not-exist', true], ['error', 'ENOENT'],
    ['start', 'a'.repeat(5000), true], ['error', 'ENAMETOOLONG']]);
});

test('NUL is refused wherever it would cut a string', () => {
  const refused = { code: 'ERR_INVALID_ARG_VALUE', name: 'TypeError' };
  for (const options of [
    { file: 'a\0b' },
    { file: 'true', args: ['true', 'a\0'] },
    { file: 'true', args: ['true', { toString: () => 'a\0' }] },
    { file: 'true', envPairs: ['A=\0'] },
    { file: 'true', cwd: '/\0' },
  ]) assert.throws(() => new ChildProcess().spawn(options), refused, JSON.stringify(options));
});

test('more children than there are descriptors: an error each, and no stream', () => {
  const { status, stdout } = run(`
    const limit = Number(require('fs').readFileSync('/proc/self/limits', 'utf8').match(/open files +(\\d+)/)[1]);
    const fds = [];
    try { for (;;) fds.push(require('fs').openSync('/dev/null')); } catch {}
    const child = cp.spawn('true');
    const early = [child.pid, child.stdin, child.stdout, child.stdio];
    child.on('error', ({ code }) => console.log(code)).on('close', (...args) => console.log(...args, early, limit > 0));
    fds.forEach((fd) => require('fs').closeSync(fd));`);
  assert.equal(stdout, 'EMFILE\n-24 null [ undefined, undefined, undefined, undefined ] true\n');
  assert.equal(status, 0);
});

test('an unref\'d child does not keep the process, its streams do as under the built-in', () => {
  assert.deepEqual(run('cp.spawn(\'sleep\', [\'30\'], { stdio: \'ignore\' }).unref(); console.log(\'left\')'), { status: 0, stdout: 'left\n' });
  assert.equal(run('const c = cp.spawn(\'sh\', [\'-c\', \'sleep 0.2; echo late\']); c.unref(); c.stdout.on(\'data\', (d) => console.log(String(d)))').stdout, 'late\n\n');
  const { stdout } = run('const start = Date.now(); cp.spawn(\'sleep\', [\'0.3\']).unref(); process.on(\'exit\', () => console.log(Date.now() - start >= 290))');
  assert.equal(stdout, 'true\n');
});

test('a child keeps the process until its streams have ended', () => {
  assert.equal(run('cp.exec(\'sleep 0.2; echo out\', (...args) => console.log(args))').stdout, '[ null, \'out\\n\', \'\' ]\n');
  assert.equal(run('cp.spawn(\'sh\', [\'-c\', \'sleep 0.2 &\']).on(\'close\', () => console.log(\'closed\'))').stdout, 'closed\n');
});

test('limits are kept while JavaScript is busy', () => {
  const { stdout } = run(`
    const busy = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
    cp.spawn('sh', ['-c', 'sleep 0.4; echo overslept'], { timeout: 50, stdio: 'inherit' });
    cp.execFile('sh', ['-c', 'yes; echo overslept >&2'], { maxBuffer: 100 }, ({ code }, stdout) => console.log(code, stdout.length));
    busy(800);`);
  assert.equal(stdout, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER 100\n');
});

test('works in a worker, with the environment of the worker', async () => {
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads');
    const cp = require(${JSON.stringify(INDEX)});
    process.env.ONLY_HERE = 'yes';
    cp.exec('echo $ONLY_HERE', (error, stdout) => parentPort.postMessage(stdout));`, { eval: true });
  const exited = once(worker, 'exit');
  assert.deepEqual(await once(worker, 'message'), ['yes\n']);
  await exited;
  assert.equal(process.env.ONLY_HERE, undefined);
});

test('a handle that is closed: nothing more is heard, the process is reaped all the same', async () => {
  const child = spawn('true', { stdio: 'ignore' });
  for (const event of ['exit', 'close']) child.on(event, () => assert.fail(event));
  await new Promise((resolve) => child._handle.close(resolve));
  assert.equal(child._handle.hasRef(), false);
  while (fs.existsSync(`/proc/${child.pid}`)) await setTimeout(10);
});

test('a listener that throws does not keep descriptors', () => {
  const { stdout } = run(`
    const fs = require('fs');
    process.on('uncaughtException', ({ message }) => console.log(message));
    console.log('first'); // process.stdout opens a descriptor of its own
    cp.spawn('true').on('close', () => {
      const before = fs.readdirSync('/proc/self/fd').length;
      cp.spawn('true').on('exit', () => { throw new Error('thrown'); });
      setTimeout(() => console.log(fs.readdirSync('/proc/self/fd').length - before), 300);
    });`);
  assert.equal(stdout, 'first\nthrown\n0\n');
});
