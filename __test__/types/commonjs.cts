import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import rs = require('rs-child-process');

const child = rs.spawn('cat');
const stdin: Writable = child.stdin;
const stdout: Readable = child.stdout;
const noInput = rs.spawn('cat', { stdio: ['ignore', 'pipe', 'inherit'] });
const nothing: null = noInput.stdin;

child.on('exit', (code: number | null, signal: NodeJS.Signals | null) => [code, signal]);
child.on('error', (error: rs.LaunchError) => {
  const step: rs.LaunchStep | undefined = error.step;
  return [error.code, error.path, error.spawnargs, step];
});

rs.exec('true', (error: rs.ExecException | null, out: string) => [error?.code, out]);
rs.execFile('true', { encoding: 'buffer' }, (_error, out: Buffer) => out);
const promised: Promise<{ stdout: string; stderr: string }> = promisify(rs.execFile)('true');
const pid: number | undefined = promisify(rs.exec)('true').child.pid;

const node = rs.fork('child.js', { serialization: 'advanced' });
node.send('socket', {} as Socket);

const result: rs.SpawnSyncReturns<string> = rs.spawnSync('cat', { input: 'x', encoding: 'utf8' });
const failed: rs.LaunchError | undefined = result.error;
const bytes: Buffer = rs.execSync('true');
const which: 'native' | 'node' = rs.backend;

export { stdin, stdout, nothing, promised, pid, failed, bytes, which };
