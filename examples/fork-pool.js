'use strict';

// A pool of two Node children that share the work, over the same channel that child_process.fork() speaks.

const { once } = require('node:events');
const { fork } = require('rs-child-process');

const jobs = ['apple', 'pear', 'plum', 'cherry', 'quince'];

async function worker(name) {
  const child = fork(__filename, ['child']);
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    child.send({ job });
    const [{ result }] = await once(child, 'message');
    console.log(`worker ${name}: ${job} -> ${result}`);
  }
  child.disconnect();
  await once(child, 'exit');
}

if (process.argv[2] === 'child') {
  process.on('message', ({ job }) => process.send({ result: [...job].reverse().join('') }));
} else {
  Promise.all([worker('A'), worker('B')]).then(() => console.log('done'));
}
