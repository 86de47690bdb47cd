'use strict';

// Reads the output of a child line by line, as it comes.

const { createInterface } = require('node:readline/promises');
const { spawn } = require('rs-child-process');

async function main() {
  const child = spawn('sh', ['-c', 'for i in 1 2 3; do echo "line $i"; done']);
  for await (const line of createInterface({ input: child.stdout })) console.log(`got: ${line}`);
}

main();
