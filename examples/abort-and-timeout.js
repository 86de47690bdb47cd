'use strict';

// Three ways to stop a child: kill(), an AbortSignal, a timeout.

const { once } = require('node:events');
const { spawn } = require('rs-child-process');

async function main() {
  const killed = spawn('sleep', ['60']);
  killed.kill('SIGKILL');
  console.log('kill():  ', (await once(killed, 'close'))[1]);

  const aborted = spawn('sleep', ['60'], { signal: AbortSignal.abort('not needed any more') });
  const [error] = await once(aborted, 'error');
  console.log('signal:  ', error.code, '-', error.cause);

  // The engine keeps the deadline: it holds even while JavaScript is busy.
  const late = spawn('sleep', ['60'], { timeout: 50, killSignal: 'SIGINT' });
  console.log('timeout: ', (await once(late, 'close'))[1]);
}

main();
