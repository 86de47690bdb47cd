'use strict';

// The three synchronous calls.

const { execFileSync, execSync, spawnSync } = require('rs-child-process');

console.log(execSync('echo "from a shell"', { encoding: 'utf8' }).trim());
console.log(execFileSync('tr', ['a-z', 'A-Z'], { input: 'from a file', encoding: 'utf8' }));

const { status, signal } = spawnSync('sh', ['-c', 'kill -TERM $$']);
console.log(`status ${status}, signal ${signal}`);
