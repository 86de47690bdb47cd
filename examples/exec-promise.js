'use strict';

// exec and execFile with promises; a failing command rejects with its exit code and its output.

const { promisify } = require('node:util');
const childProcess = require('rs-child-process');

const exec = promisify(childProcess.exec);
const execFile = promisify(childProcess.execFile);

async function main() {
  const { stdout } = await exec('echo hello | tr a-z A-Z');
  console.log(stdout.trim());

  const error = await execFile('sh', ['-c', 'echo "no luck" >&2; exit 3']).catch((reason) => reason);
  console.log(`exit code ${error.code}, stderr: ${error.stderr.trim()}`);
}

main();
