// Named imports work as those of node:child_process do.

import { once } from 'node:events';
import { backend, fork, spawn } from 'rs-child-process';

const child = spawn('echo', ['hello from an ES module'], { stdio: 'inherit' });
await once(child, 'close');
console.log(`backend: ${backend}, fork is a ${typeof fork}`);
