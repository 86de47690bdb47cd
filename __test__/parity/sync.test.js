'use strict';

const fs = require('node:fs');
const { tmpdir } = require('node:os');
const { pathToFileURL } = require('node:url');
const { describeError, outcomeOf, parity } = require('../support/trace.js');

/**
 * A result as plain data, its keys in their order; the pid differs from run to run.
 * @param {any} result
 */
function describe(result) {
  const { error, output, pid, ...rest } = result;
  return { keys: Object.keys(result), error: error && describeError(error), output, pid: pid > 0, ...rest };
}

const CALLS = {
  'success': ['sh', ['-c', 'echo out; echo err >&2']],
  'success as text': ['sh', ['-c', 'echo out; echo err >&2'], { encoding: 'utf8' }],
  'an exit code': ['sh', ['-c', 'exit 7']],
  'a signal': ['sh', ['-c', 'kill -USR1 $$']],
  'a missing file': ['does-not-exist', ['a']],
  'a missing cwd': ['true', { cwd: '/does/not/exist' }],
  'a file that is not executable': [__filename],
  'an argument list that is too long': ['true', ['a'.repeat(3e6)]],
  'input': ['cat', { input: 'in', encoding: 'utf8' }],
  'input with an encoding': ['cat', { input: '6869', encoding: 'hex' }],
  'input as bytes': ['cat', { input: Buffer.from('bytes') }],
  'input as another typed array': ['cat', { input: new Uint16Array([0x6968]) }],
  'input as DataView': ['cat', { input: new DataView(new ArrayBuffer(4), 1, 2) }],
  'input that nobody reads': ['sh', ['-c', 'exec <&-; sleep 0.3'], { input: 'x'.repeat(8e6) }],
  'empty input': ['cat', { input: '' }],
  'much input and output': ['cat', { input: Buffer.alloc(3e6, 'a'), maxBuffer: Infinity }],
  'timeout': ['sleep', ['30'], { timeout: 50 }],
  'timeout and killSignal': ['sleep', ['30'], { timeout: 50, killSignal: 'SIGKILL' }],
  'maxBuffer that is just enough': ['printf', ['12345'], { maxBuffer: 5, encoding: 'utf8' }],
  'maxBuffer that is exceeded': ['sh', ['-c', 'printf 12345; exec sleep 30'], { maxBuffer: 4, encoding: 'utf8' }],
  'no maxBuffer': ['head', ['-c', '2000000', '/dev/zero'], { maxBuffer: undefined }],
  'stdio ignored': ['sh', ['-c', 'echo out'], { stdio: 'ignore' }],
  'stdio mixed': ['sh', ['-c', 'cat; echo three >&3'], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'], input: 'in', encoding: 'utf8' }],
  'an entry of stdio that is text': ['true', { stdio: ['pipe', 'text', 'pipe'] }],
  'shell': ['echo "$0"; exit 3', { shell: true, encoding: 'utf8' }],
  'argv0, cwd, env': ['sh', ['-c', 'echo $0 $PWD $A'], { argv0: 'zero', cwd: pathToFileURL('/'), env: { A: 1 }, encoding: 'utf8' }],
  'an unknown encoding': ['echo', ['a'], { encoding: 'foo' }],
  'encoding buffer': ['echo', ['a'], { encoding: 'buffer' }],
};
for (const [name, args] of Object.entries(CALLS)) {
  parity(`spawnSync: ${name}`, (cp) => outcomeOf(() => describe(cp.spawnSync(...args))));
}

const EXEC_CALLS = {
  'success': ['echo out'],
  'success as text': ['echo out', { encoding: 'utf8' }],
  'failure': ['echo out; echo err >&2; exit 4', { stdio: 'pipe' }],
  'a missing command': ['does-not-exist', { stdio: 'pipe' }],
  'timeout': ['exec sleep 30', { timeout: 50 }],
  'maxBuffer': ['echo 12345; exec sleep 30', { maxBuffer: 2 }],
  'ignored': ['echo out', { stdio: 'ignore' }],
  'input': ['cat', { input: 'in', encoding: 'utf8' }],
};
for (const [name, args] of Object.entries(EXEC_CALLS)) {
  parity(`execSync: ${name}`, (cp) => outcomeOf(() => cp.execSync(...args)));
  parity(`execFileSync through a shell: ${name}`, (cp) =>
    outcomeOf(() => cp.execFileSync('/bin/sh', ['-c', args[0]], args[1])));
}
parity('what an error of execFileSync() carries', (cp) => {
  const { thrown } = (() => {
    try {
      return { thrown: cp.execFileSync('does-not-exist', ['a']) };
    } catch (error) {
      return { thrown: error };
    }
  })();
  return { keys: Object.keys(thrown).filter((key) => key !== 'step'), isItself: thrown.error === thrown };
});
parity('error output that is shown', (cp) => {
  const { write } = process.stderr;
  const written = [];
  process.stderr.write = (chunk) => written.push(String(chunk)) > 0;
  try {
    cp.execSync('echo shown >&2');
    cp.execSync('echo hidden >&2', { stdio: 'pipe' });
    outcomeOf(() => cp.execFileSync('sh', ['-c', 'echo shown too >&2; exit 1']));
  } finally {
    process.stderr.write = write;
  }
  return written;
});
parity('a descriptor of this process', (cp) => {
  const file = `${tmpdir()}/rs-child-process-sync-${process.pid}.txt`;
  const fd = fs.openSync(file, 'w+');
  cp.spawnSync('echo', ['in a file'], { stdio: ['ignore', fd, 'ignore'] });
  fs.closeSync(fd);
  const text = fs.readFileSync(file, 'utf8');
  fs.rmSync(file);
  return text;
});
