'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { test } = require('node:test');

const REGISTER = join(__dirname, '..', 'register.js');

/**
 * Runs a script with register.js preloaded.
 * @param {string} script
 * @param {{ env?: Record<string, string>, flags?: string[] }} [options]
 */
function run(script, { env, flags = [] } = {}) {
  return spawnSync(process.execPath, ['-r', REGISTER, ...flags, '-e', script], {
    encoding: 'utf8', env: { ...process.env, RS_CHILD_PROCESS_BACKEND: '', ...env }, timeout: 20_000 });
}

/**
 * @param {string} script
 * @param {object} [options]
 */
function printed(script, options) {
  const { status, stderr, stdout } = run(script, options);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.trim();
}

const NAMES = ['ChildProcess', 'exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'];
const OURS = `const ours = require(${JSON.stringify(join(__dirname, '..'))}); const names = ${JSON.stringify(NAMES)};`;

test('require() with and without node:, and process.getBuiltinModule(), give this package\'s functions', () => {
  const script = `${OURS}
    const modules = [require('child_process'), require('node:child_process'), process.getBuiltinModule?.('child_process')].filter(Boolean);
    console.log(ours.backend, names.every((name) => modules.every((module) => module[name] === ours[name])));`;
  assert.equal(printed(script), 'native true');
});

test('so does import, named and default', () => {
  const script = `import * as all from 'node:child_process'; import byDefault, { spawn } from 'child_process'; import ours from ${JSON.stringify(join(__dirname, '..', 'index.js'))};
    console.log(spawn === ours.spawn, all.fork === ours.fork, byDefault.exec === ours.exec);`;
  assert.equal(printed(script, { flags: ['--input-type=module'] }), 'true true true');
});

test('what holds the exports already sees the change', () => {
  const script = `const held = require('child_process'); const { spawn } = held; require(${JSON.stringify(REGISTER)}); console.log(held.spawn !== spawn);`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  assert.equal(stdout.trim(), 'true');
});

test('twice is as good as once', () => {
  assert.equal(printed(`require(${JSON.stringify(REGISTER)}); delete require.cache[${JSON.stringify(REGISTER)}]; require(${JSON.stringify(REGISTER)});
    require('child_process').exec('echo out', (...args) => console.log(JSON.stringify(args)));`), '[null,"out\\n",""]');
});

test('exec() calls the execFile() that somebody has put into the module', () => {
  assert.equal(printed('const cp = require(\'child_process\'); cp.execFile = (file) => console.log(\'mine\', file); cp.exec(\'command\');'), 'mine command');
});

test('_forkChild stays Node\'s', () => {
  assert.equal(printed('console.log(String(require(\'child_process\')._forkChild).includes(\'setupChannel\'))'), 'true');
});

test('cluster, loaded later, forks with it', () => {
  const script = `${OURS}
    const cluster = require('cluster');
    cluster.setupPrimary({ exec: '/dev/null', execArgv: [] });
    const worker = cluster.fork();
    worker.on('exit', (code) => console.log(worker.process instanceof ours.ChildProcess, code));
    worker.on('online', () => worker.disconnect());`;
  assert.equal(printed(script), 'true 0');
});

test('with the node backend it leaves the built-in in place and says so', () => {
  const { status, stderr, stdout } = run(`${OURS} console.log(ours.backend, require('child_process').spawn.name, ours.spawn === require('child_process').spawn);`,
    { env: { RS_CHILD_PROCESS_BACKEND: 'node' } });
  assert.equal(stdout.trim(), 'node spawn true');
  assert.match(stderr, /\[RS_CHILD_PROCESS_NOT_REGISTERED\] RsChildProcessWarning: rs-child-process\/register leaves/);
  assert.equal(status, 0);
});
