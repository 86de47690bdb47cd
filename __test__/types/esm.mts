import rs, { backend, ChildProcess, execFileSync, fork, spawn, type LaunchError } from 'rs-child-process';
import * as all from 'rs-child-process';
import 'rs-child-process/register';

const child: ChildProcess = spawn('true', ['-x'], { stdio: 'inherit' });
const text: string = execFileSync('true', { encoding: 'utf8' });
const worker: ChildProcess = fork(new URL('child.js', import.meta.url));
const which: 'native' | 'node' = backend;
const error: LaunchError = Object.assign(new Error('x'), { step: 'exec' as const });

export { child, text, worker, which, error };
export const same: boolean = rs.spawn === all.spawn && child instanceof ChildProcess;
