'use strict';

/* node leaving.js MODULE MANNER MS: leaves in the given manner while children of every sort live. */

const { Worker, isMainThread, workerData } = require('node:worker_threads');

const [, , modulePath, manner, ms] = isMainThread ? process.argv : workerData;
const cp = require(modulePath);

const MANNERS = {
  __proto__: null,
  'exit': () => process.exit(5),
  'exit in a worker': () => process.exit(5),
  'throw': () => {
    throw new Error('meant to');
  },
  'exit in an exit listener': () => {},
  'end of the loop': () => {
    process.exitCode = 5;
    for (const child of children) {
      child.unref();
      child.channel?.unref();
      for (const stream of child.stdio) stream?.unref();
    }
  },
};

/** @type {any[]} */
const children = [];

function begin() {
  // Each ends by itself when this process has gone, or soon after.
  children.push(
    cp.spawn('cat'),
    cp.spawn('sh', ['-c', 'while echo text; do sleep 0.01; done']),
    cp.spawn('sleep', ['1'], { timeout: 10_000 }),
    cp.exec('sleep 1'),
    cp.spawn(process.execPath, ['-e', 'process.on("message", (text) => process.send(text))'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }),
  );
  children[1].stdout.on('data', () => {});
  children[4].on('message', () => {});
  children[4].send('text');
  if (manner === 'exit in an exit listener') cp.spawn('true').on('exit', () => process.exit(5));
  else setTimeout(MANNERS[manner], Number(ms));
}

if (isMainThread && manner === 'exit in a worker') {
  const worker = new Worker(__filename, { workerData: process.argv });
  worker.on('exit', (code) => process.exit(code));
} else {
  begin();
}
