'use strict';

const { outcomeOf, parity } = require('../support/trace.js');

class Foo {}

/** Values of every kind that messages describe. */
const VALUES = [
  undefined, null, true, 0, -0, 5, 1.5, NaN, Infinity, 2 ** 31, 2 ** 32 + 1, -(2 ** 40), 2 ** 53, 10n, '', 'text',
  'it\'s quoted', 'a text that is much longer than what fits', 'a\0b', Symbol('s'), () => {}, function named() {}, [],
  ['a'], {}, new Foo(), new Date(0), Object.create(null), Buffer.from('a'), new URL('http://host/'), new Error('e'),
];
/** The options, each of which gets every value in turn. */
const OPTIONS = [
  'cwd', 'detached', 'uid', 'gid', 'shell', 'argv0', 'windowsHide', 'windowsVerbatimArguments', 'timeout', 'signal',
  'killSignal', 'stdio', 'serialization', 'maxBuffer', 'encoding', 'input', 'execPath', 'execArgv', 'env',
];

/**
 * What a call throws; what it starts is ended, and is not of interest.
 * @param {() => any} call
 */
function refusal(call) {
  const { returned, thrown } = outcomeOf(call);
  if (typeof returned?.on !== 'function') return thrown ?? 'accepted';
  returned.on('error', () => {});
  // Under the built-in, kill() of a child that was not started reaches this process's own group.
  if (returned.pid !== undefined) returned.kill('SIGKILL');
  return 'accepted';
}

/** @param {any} value */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {any} cp
 * @param {(value: any, cp: any) => any} call
 */
function refusals(cp, call) {
  return VALUES.map((value) => [value, refusal(() => call(value, cp))]);
}

parity('file', (cp) => refusals(cp, (value) => cp.spawn(value)));
parity('command', (cp) => refusals(cp, (value) => cp.exec(value)));
parity('args', (cp) => refusals(cp, (value) => cp.spawn('true', value)));
parity('args of execFile()', (cp) => refusals(cp, (value) => cp.execFile('true', value)));
parity('an argument with a NUL', (cp) => refusal(() => cp.spawn('true', ['a', 'b\0'])));
parity('options', (cp) => refusals(cp, (value) => cp.spawn('true', [], value)));
parity('options of execFile()', (cp) => refusals(cp, (value) => cp.execFile('true', [], value)));
parity('callback', (cp) => refusals(cp, (value) => cp.execFile('true', [], {}, value)));
parity('callback of exec()', (cp) => refusals(cp, (value) => cp.exec('true', {}, value)));
// None of these forks anything: without a channel in stdio the last check refuses.
const NO_CHANNEL = { stdio: ['pipe'] };
parity('modulePath', (cp) => refusals(cp, (value) => cp.fork(value, [], NO_CHANNEL)));
parity('args of fork()', (cp) => refusals(cp, (value) => cp.fork('module', value ?? [], NO_CHANNEL)));
parity('options of fork()', (cp) => refusals(cp, (value) => cp.fork('module', [], isObject(value) ? NO_CHANNEL : value || NO_CHANNEL)));
parity('execPath of fork()', (cp) => refusals(cp, (value) => cp.fork('module', { ...NO_CHANNEL, execPath: value })));
parity('a second channel', (cp) => refusal(() => cp.spawn('true', { stdio: ['ipc', 'ipc'] })));
parity('a channel for spawnSync()', (cp) => refusal(() => cp.spawnSync('true', { stdio: ['ipc'] })));
parity('an entry of stdio', (cp) => refusals(cp, (value) => cp.spawn('true', { stdio: ['pipe', typeof value === 'number' ? 'pipe' : value] })));
parity('a name or value of env with a NUL', (cp) => [{ 'A\0': 1 }, { A: 'b\0' }].map((env) => refusal(() => cp.spawn('true', { env }))));

for (const option of OPTIONS) {
  for (const method of ['spawn', 'spawnSync', 'execFile', 'execFileSync']) {
    parity(`options.${option} of ${method}()`, (cp) =>
      // (The built-in passes its check of uid -0 and then aborts the process.)
      refusals(cp, (value) => cp[method]('true', [], { stdio: 'pipe', [option]: Object.is(value, -0) ? 0 : value })).map(([value, thrown]) =>
        [value, thrown === undefined || isAboutTheRun(thrown) ? 'accepted' : thrown]));
  }
}

/**
 * Whether something was thrown by the start or the end of the process, not by a check.
 * @param {any} thrown
 */
function isAboutTheRun(thrown) {
  return thrown?.syscall !== undefined || thrown?.status !== undefined;
}
