'use strict';

const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { tmpdir } = require('node:os');
const { pathToFileURL } = require('node:url');
const { inherits } = require('node:util');
const { life, outcomeOf, parity, stateOf, textOf, traceOf } = require('../support/trace.js');

const sh = (cp, script, options) => cp.spawn('sh', ['-c', script], options);

parity('the events of a child that nobody listens to otherwise', (cp) => life(sh(cp, 'echo out; echo err >&2; exit 3')));
parity('a child that ends by a signal', (cp) => life(sh(cp, 'kill -9 $$')));
parity('a missing file', (cp) => life(cp.spawn('does-not-exist', ['a', 'b'])));
parity('a missing file among paths', (cp) => life(cp.spawn('./does/not/exist')));
parity('a file that is not executable', (cp) => life(cp.spawn(__filename)));
parity('a missing cwd', (cp) => life(cp.spawn('true', { cwd: '/does/not/exist' })));
parity('a missing interpreter', (cp) => {
  const script = `${tmpdir()}/rs-child-process-${process.pid}.sh`;
  fs.writeFileSync(script, '#!/does/not/exist\n', { mode: 0o755 });
  return life(cp.spawn(script)).finally(() => fs.rmSync(script));
});
parity('an argument list that is too long is thrown', (cp) => outcomeOf(() => cp.spawn('true', ['a'.repeat(3e6)])));
parity('a name that is too long is thrown', (cp) => outcomeOf(() => cp.spawn('a'.repeat(5000))));

parity('output and error output, whole', async (cp) => {
  const child = sh(cp, 'for i in 1 2 3 4 5; do echo "line $i"; echo "error $i" >&2; done');
  const [out, err, lived] = await Promise.all([textOf(child.stdout), textOf(child.stderr), life(child)]);
  return { out, err, lived };
});
parity('output that nobody looks at until the exit', async (cp) => {
  const child = sh(cp, 'head -c 100000 /dev/zero; exit 5');
  // In the listener: on the next tick the streams are read and their content is thrown away.
  const text = await new Promise((resolve) => child.on('exit', () => resolve(textOf(child.stdout))));
  return { code: child.exitCode, length: text.length };
});
parity('a stream first looked at after it was drained has ended', async (cp) => {
  const child = sh(cp, 'echo out');
  await once(child, 'close');
  const { destroyed, readable, readableEnded } = child.stdout;
  return { destroyed, readable, readableEnded, text: await textOf(child.stdout), stdin: child.stdin.destroyed };
});
parity('what is written to stdin', async (cp) => {
  const child = cp.spawn('cat');
  child.stdin.end('x'.repeat(300_000));
  const [text, lived] = await Promise.all([textOf(child.stdout), life(child)]);
  return { length: text.length, lived };
});
parity('the flags of the streams', async (cp) => {
  const child = sh(cp, 'cat', { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
  const flags = child.stdio.map((stream) => stream && {
    class: stream instanceof net.Socket, readable: stream.readable, writable: stream.writable,
    allowHalfOpen: stream.allowHalfOpen, readyState: stream.readyState, destroyed: stream.destroyed,
  });
  const same = [child.stdin === child.stdio[0], child.stdout === child.stdio[1], child.stderr, child.stdio.length];
  child.stdin.end();
  await once(child, 'close');
  return { flags, same };
});
parity('the flags of the streams of a file that is missing', async (cp) => {
  const child = cp.spawn('does-not-exist');
  const flags = child.stdio.map(({ readable, writable }) => ({ readable, writable }));
  await once(child, 'error');
  return { flags, destroyed: child.stdin.destroyed };
});
parity('before spawn() there are no streams', (cp) => {
  const child = new cp.ChildProcess();
  return [child.stdin, child.stdout, child.stderr, child.stdio, child.pid, child.exitCode, child.killed];
});
parity('streams can be overwritten', async (cp) => {
  const child = sh(cp, 'echo out');
  child.stdout = null;
  child.stdin = undefined;
  const [code] = await once(child, 'close');
  return [code, child.stdout, child.stdin, Object.keys(child).includes('stdout')];
});
parity('further descriptors', async (cp) => {
  const child = sh(cp, 'echo three >&3; cat <&4 >&3', { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'overlapped'] });
  child.stdio[4].end('four');
  const [text, lived] = await Promise.all([textOf(child.stdio[3]), life(child)]);
  return { text, lived };
});
parity('a descriptor and a stream of this process', async (cp) => {
  const file = `${tmpdir()}/rs-child-process-${process.pid}.txt`;
  const fd = fs.openSync(file, 'w');
  const first = sh(cp, 'echo first', { stdio: ['ignore', fd, 'inherit'] });
  await once(first, 'close');
  const second = sh(cp, 'echo second', { stdio: ['ignore', { fd }, null] });
  await once(second, 'close');
  fs.closeSync(fd);
  const text = fs.readFileSync(file, 'utf8');
  fs.rmSync(file);
  return { text, streams: [first.stdin, first.stdout, first.stderr, second.stdio.map(Boolean)] };
});
parity('the output of one child as the input of another', async (cp) => {
  const cat = cp.spawn('cat');
  const tr = cp.spawn('tr', ['a-z', 'A-Z'], { stdio: [cat.stdout, 'pipe', 'inherit'] });
  const closed = [once(cat, 'close'), once(tr, 'close')];
  cat.stdin.end('between children');
  const text = await textOf(tr.stdout);
  cat.stdout.destroy();
  return { text, closed: await Promise.all(closed), stdin: tr.stdin };
});
parity('a stream whose descriptor is gone', (cp) => outcomeOf(() => cp.spawn('true', { stdio: [{ fd: -1 }] })));

parity('kill()', async (cp) => {
  const child = cp.spawn('sleep', ['30']);
  await once(child, 'spawn');
  const asked = [child.kill(0), child.killed, child.kill('sigint'), child.killed];
  const lived = await life(child);
  return { asked, lived, after: [child.kill(), child.kill('SIGKILL')] };
});
parity('kill() with what is no signal', async (cp) => {
  const child = cp.spawn('sleep', ['30']);
  const outcomes = ['FOO', 'sigfoo', 900, {}, -1].map((signal) => outcomeOf(() => child.kill(signal)));
  child[Symbol.dispose]();
  return { outcomes, lived: await life(child) };
});
parity('timeout', (cp) => life(cp.spawn('sleep', ['30'], { timeout: 20, killSignal: 'SIGKILL' })));
parity('timeout of a child that is faster', (cp) => life(cp.spawn('true', { timeout: 20_000 })));
parity('abort', (cp) => {
  const { signal } = new AbortController();
  const controller = new AbortController();
  const child = cp.spawn('sleep', ['30'], { signal: controller.signal });
  process.nextTick(() => controller.abort(signal.aborted ? undefined : new Error('reason')));
  return life(child);
});
parity('aborted before the start', (cp) => life(cp.spawn('sleep', ['30'], { signal: AbortSignal.abort() })));
parity('an abort after the end', async (cp) => {
  const controller = new AbortController();
  const child = cp.spawn('true', { signal: controller.signal });
  const lived = await life(child);
  controller.abort();
  return { lived, killed: child.killed };
});

for (const shell of [true, '/bin/sh']) {
  parity(`shell: ${shell}`, async (cp) => {
    const child = cp.spawn('echo "$0"; echo $1 "a  b"', { shell });
    const [text, lived] = await Promise.all([textOf(child.stdout), life(child)]);
    return { text, lived };
  });
}
parity('argv0, cwd as URL, env with what is no string', async (cp) => {
  const options = { argv0: 'zero', cwd: pathToFileURL(tmpdir()), env: { A: 1, B: undefined, C: null, PATH: process.env.PATH } };
  const child = cp.spawn('sh', ['-c', 'echo "$0" $PWD; env | grep "^[ABC]="'], options);
  const [text, lived] = await Promise.all([textOf(child.stdout), life(child)]);
  return { text, lived };
});
parity('an inherited variable, and one set just now', async (cp) => {
  process.env.RS_CHILD_PROCESS_TEST = 'just now';
  const child = sh(cp, 'echo $RS_CHILD_PROCESS_TEST');
  const inherited = sh(cp, 'echo $INHERITED', { env: Object.create({ INHERITED: 'yes' }) });
  delete process.env.RS_CHILD_PROCESS_TEST;
  return Promise.all([textOf(child.stdout), textOf(inherited.stdout)]);
});
parity('process.env replaced by an object', async (cp) => {
  const { env } = process;
  process.env = { PATH: env.PATH, ONLY: 'this' };
  const child = sh(cp, 'env | grep -c .; echo $ONLY');
  process.env = env;
  return textOf(child.stdout);
});
parity('detached', async (cp) => {
  const child = sh(cp, 'ps -o sess= -p $$ 2>/dev/null || cut -d" " -f6 /proc/$$/stat', { detached: true });
  return Number(await textOf(child.stdout)) === child.pid;
});

parity('ChildProcess without spawn()', async (cp) => {
  const child = new cp.ChildProcess();
  const outcomes = [undefined, {}, { file: 5 }, { file: 'x', args: 5 }, { file: 'x', stdio: 'foo' }]
    .map((options) => outcomeOf(() => new cp.ChildProcess().spawn(options)));
  const returned = child.spawn({ file: 'sh', args: ['sh', '-c', 'echo $A'], envPairs: ['A=direct'] });
  return { outcomes, returned, text: await textOf(child.stdout) };
});
parity('a class of the old kind below ChildProcess', async (cp) => {
  function Mine() {
    cp.ChildProcess.call(this);
  }
  inherits(Mine, cp.ChildProcess);
  const child = new Mine();
  child.spawn({ file: 'true', args: ['true'] });
  const lived = await life(child);
  return { lived, is: child instanceof EventEmitter && child instanceof cp.ChildProcess };
});
parity('the constructor', (cp) => {
  const { ChildProcess } = cp;
  return {
    keys: Object.keys(new ChildProcess()),
    length: ChildProcess.length,
    methods: ['spawn', 'kill', 'ref', 'unref'].map((name) => [name, ChildProcess.prototype[name].length]),
    parents: [Object.getPrototypeOf(ChildProcess) === EventEmitter, Object.getPrototypeOf(ChildProcess.prototype) === EventEmitter.prototype],
  };
});
parity('the order of events and of what listeners schedule', async (cp) => {
  // With streams, 'close' may come before or after what follows on the exit.
  const child = sh(cp, 'exit 0', { stdio: 'ignore' });
  const trace = traceOf(child);
  for (const event of ['spawn', 'exit', 'close']) {
    child.on(event, () => {
      process.nextTick(() => trace.push(`tick after ${event}`));
      Promise.resolve().then(() => trace.push(`microtask after ${event}`));
    });
  }
  trace.push('after spawn()');
  await once(child, 'close');
  await new Promise(setImmediate);
  return { trace, state: stateOf(child) };
});
parity('unref() does not lose events while something else keeps the process', async (cp) => {
  const child = sh(cp, 'echo out');
  child.unref();
  const text = await textOf(child.stdout);
  child.ref();
  return { text, code: child.exitCode ?? (await once(child, 'exit'))[0] };
});
