'use strict';

const { once } = require('node:events');
const { promisify } = require('node:util');
const { describeError, life, outcomeOf, parity, textOf } = require('../support/trace.js');

/**
 * What the callback of an exec() gets, the types of the outputs too.
 * @param {(callback: Function) => any} start
 */
function result(start) {
  return new Promise((resolve) => {
    start((error, stdout, stderr) => resolve({
      error: describeError(error), stdout, stderr, types: [stdout, stderr].map((output) => typeof output) }));
  });
}

const COMMANDS = {
  'that succeeds': 'echo out; echo err >&2',
  'that fails': 'echo out; echo err >&2; exit 4',
  'that ends by a signal': 'echo out; kill -9 $$',
  'that is missing': 'does-not-exist',
};
for (const [name, command] of Object.entries(COMMANDS)) {
  parity(`a command ${name}`, (cp) => result((callback) => cp.exec(command, callback)));
  parity(`a command ${name}, as bytes`, (cp) => result((callback) => cp.exec(command, { encoding: 'buffer' }, callback)));
  parity(`a command ${name}, promisified`, async (cp) => {
    const promise = promisify(cp.exec)(command);
    const settled = await promise.then((value) => ({ value }), (error) => ({ error: describeError(error) }));
    return { settled, child: promise.child instanceof cp.ChildProcess, code: promise.child.exitCode };
  });
}
parity('a missing file', (cp) => result((callback) => cp.execFile('does-not-exist', ['a'], callback)));
parity('a missing cwd', (cp) => result((callback) => cp.execFile('true', { cwd: '/does/not/exist' }, callback)));
parity('arguments in the message', (cp) => result((callback) => cp.execFile('sh', ['-c', 'exit 7', 'b c'], callback)));
parity('a shell of one\'s own', (cp) => result((callback) => cp.execFile('echo $0', { shell: '/bin/sh' }, callback)));

for (const encoding of ['utf8', 'latin1', 'hex', 'base64', 'utf16le', 'buffer', 'no such', null]) {
  parity(`encoding ${encoding}`, (cp) => result((callback) => cp.execFile('printf', ['\\303\\244 a \\342\\202'], { encoding }, callback)));
}
parity('an incomplete character at the end', (cp) => result((callback) => cp.exec('printf "a\\342\\202"', callback)));

for (const maxBuffer of [0, 1, 5, 11, 12, Infinity]) {
  for (const encoding of ['utf8', 'buffer', 'hex']) {
    parity(`maxBuffer ${maxBuffer}, ${encoding}`, (cp) =>
      result((callback) => cp.exec('printf "hello world\\n"', { encoding, maxBuffer }, callback)));
  }
  parity(`maxBuffer ${maxBuffer} of characters longer than a byte, on stderr`, (cp) =>
    result((callback) => cp.exec('printf "\\303\\244\\303\\244\\303\\244\\303\\244\\303\\244\\303\\244" >&2', { maxBuffer }, callback)));
  parity(`maxBuffer ${maxBuffer} when somebody else reads too`, async (cp) => {
    let child;
    const collected = result((callback) => {
      child = cp.exec('printf "hello world\\n"', { maxBuffer }, callback);
      child.stdout.on('data', () => {});
    });
    return { collected: await collected, encoding: child.stdout.readableEncoding, killed: child.killed };
  });
}
parity('a child that ignores the signal of maxBuffer', async (cp) => {
  let child;
  const collected = result((callback) => {
    child = cp.exec('trap "" TERM; echo too long; sleep 0.3; exit 3', { maxBuffer: 2 }, callback);
  });
  return { collected: await collected, killed: child.killed };
});

parity('timeout', (cp) => result((callback) => cp.exec('echo out; exec sleep 30', { timeout: 1000 }, callback)));
parity('timeout and killSignal', (cp) => result((callback) => cp.execFile('sleep', ['30'], { timeout: 20, killSignal: 'SIGKILL' }, callback)));
parity('timeout while a grandchild holds the output', (cp) => result((callback) => cp.exec('echo out; sleep 4 & exit 0', { timeout: 1000 }, callback)));
parity('timeout when somebody else reads too', (cp) => result((callback) => {
  cp.execFile('sleep', ['30'], { timeout: 20 }, callback).stdout.resume();
}));
parity('timeout with a kill() of the user\'s own', async (cp) => {
  let calls = 0;
  const { kill } = cp.ChildProcess.prototype;
  cp.ChildProcess.prototype.kill = function(signal) {
    calls++;
    kill.call(this, signal);
    throw new Error('mine');
  };
  const collected = await result((callback) => cp.execFile('sleep', ['30'], { timeout: 20 }, callback));
  cp.ChildProcess.prototype.kill = kill;
  return { collected, calls };
});
parity('abort', (cp) => result((callback) => {
  const controller = new AbortController();
  cp.execFile('sleep', ['30'], { signal: controller.signal }, callback);
  controller.abort();
}));
parity('aborted before the start', (cp) => result((callback) => cp.exec('sleep 30', { signal: AbortSignal.abort(new Error('reason')) }, callback)));

parity('the output for the callback and for who else reads', async (cp) => {
  let child;
  let seen = '';
  const collected = result((callback) => {
    child = cp.exec('echo out; echo err >&2; echo more', callback);
    child.stdout.on('data', (chunk) => (seen += `${typeof chunk} ${chunk}`));
  });
  const lived = life(child);
  return { collected: await collected, seen: seen.replaceAll('\nstring ', '\n'), lived: await lived };
});
parity('an encoding set on the stream', (cp) => result((callback) => {
  cp.execFile('printf', ['\\303\\244'], { encoding: 'buffer' }, callback).stdout.setEncoding('hex');
}));
parity('a destroyed stream', (cp) => result((callback) => {
  cp.exec('sleep 0.2; echo out', callback).stdout.destroy();
}));
parity('stdin', (cp) => result((callback) => cp.execFile('cat', callback).stdin.end('in')));
parity('a stream passed on', async (cp) => {
  const child = cp.exec('echo out');
  const cat = cp.spawn('cat');
  child.stdout.pipe(cat.stdin);
  const closed = once(child, 'close');
  return { text: await textOf(cat.stdout), closed: await closed };
});
parity('events beside a callback', async (cp) => {
  let child;
  const collected = result((callback) => {
    child = cp.execFile('does-not-exist', callback);
  });
  const lived = await life(child);
  return { collected: await collected, lived };
});
parity('without a callback', (cp) => life(cp.exec('echo out; exit 2')));
parity('a callback as second, third and fourth argument', async (cp) => [
  await result((callback) => cp.execFile('true', callback)),
  await result((callback) => cp.execFile('true', {}, callback)),
  await result((callback) => cp.execFile('true', [], callback)),
  await result((callback) => cp.execFile('true', null, null, callback)),
]);

parity('an execFile() that replaced the module\'s', (cp) => {
  const calls = [];
  const { execFile } = cp;
  cp.execFile = (...args) => calls.push(args);
  cp.exec('command', { cwd: '/' });
  cp.execFile = execFile;
  return calls.map(([file, options]) => [file, { ...options }]);
});
parity('the promisified variants', async (cp) => {
  const { exec, execFile } = cp;
  const variants = [exec, execFile].map((original) => original[promisify.custom]);
  const wrong = variants.map((variant) => outcomeOf(() => variant(5)));
  const right = await variants[1]('echo', ['out']);
  return { names: variants.map((variant) => variant.name), wrong, right };
});
parity('the exit comes before the callback', async (cp) => {
  const trace = [];
  const child = cp.exec('echo out', () => trace.push('callback'));
  child.on('exit', () => trace.push('exit'));
  child.on('close', () => trace.push('close'));
  await once(child, 'close');
  return trace;
});
