'use strict';

const { once } = require('node:events');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { life, outcomeOf, parity, textOf } = require('../support/trace.js');

const ECHO = join(__dirname, '..', 'fixtures', 'echo.js');

// After a disconnect() of the parent's, the built-in forgets 'close'; there the exit is the last event to compare.

parity('messages both ways, and disconnect()', async (cp) => {
  const child = cp.fork(ECHO, ['a', 'b']);
  const lived = life(child, 'exit');
  child.send({ text: 'ä\n', list: [1, null, true], nested: { deep: [{}] } });
  const [answer] = await once(child, 'message');
  child.disconnect();
  return { answer, lived: await lived, after: [child.connected, child.channel] };
});
parity('modulePath as URL, execArgv, env, silent', async (cp) => {
  const child = cp.fork(pathToFileURL(ECHO), [], { execArgv: ['--no-deprecation'], env: { A: 'given' }, silent: true });
  child.send('env');
  const [text, lived] = await Promise.all([textOf(child.stdout), life(child)]);
  return { text, trace: lived.trace };
});
parity('stdio of one\'s own', async (cp) => {
  const child = cp.fork(ECHO, { stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'ipc'] });
  child.send('out');
  const [text, lived] = await Promise.all([textOf(child.stdout), life(child)]);
  return { text, lived, streams: child.stdio.map(Boolean) };
});
parity('messages that come before somebody listens', async (cp) => {
  const child = cp.fork(ECHO);
  child.send('hello');
  await once(child, 'spawn');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const [message] = await once(child, 'message');
  child.disconnect();
  await once(child, 'exit');
  return message;
});
parity('internal messages', async (cp) => {
  const child = cp.fork(ECHO);
  child.send({ cmd: 'NODE_TEST', a: 1 });
  const [message] = await once(child, 'internalMessage');
  child.disconnect();
  await once(child, 'exit');
  return message;
});
parity('send() after the end', async (cp) => {
  const child = cp.fork(ECHO);
  child.disconnect();
  const lived = life(child, 'exit');
  const returned = child.send('too late');
  const error = await new Promise((resolve) => child.send('too late', resolve));
  child.disconnect();
  return { returned, code: error.code, lived: (await lived).trace.map(([event]) => event).sort() };
});
parity('what send() refuses', async (cp) => {
  const child = cp.fork(ECHO);
  const outcomes = [undefined, () => {}, Symbol('s'), 1n].map((message) => outcomeOf(() => child.send(message)));
  outcomes.push(outcomeOf(() => child.send('a', {})), outcomeOf(() => child.send('a', undefined, 'options')));
  child.disconnect();
  await once(child, 'exit');
  return outcomes;
});
parity('abort, timeout and killSignal', async (cp) => {
  const controller = new AbortController();
  const aborted = life(cp.fork(ECHO, { signal: controller.signal, killSignal: 'SIGKILL' }));
  controller.abort();
  const late = life(cp.fork(ECHO, { timeout: 20 }));
  return (await Promise.all([aborted, late])).map(({ trace, signalCode }) =>
    ({ events: trace.map(([event]) => event).sort(), signalCode }));
});
parity('a missing execPath', (cp) => life(cp.fork(ECHO, { execPath: '/does/not/exist' })));
