'use strict';

// The other end of the IPC cases: the same Node, with its own channel, whoever has started it.
// Echoes a message, or does as told: { do: 'sink', count } swallows messages and says when it has
// had them all, { do: 'source', count, bytes } sends them.

const { flood, messageOf, windowFor } = require('../lib/flood.js');

const send = /** @type {any} */ (process).send.bind(process);
let awaited = 0;
let handles = 0;

process.on('message', (/** @type {any} */ message, /** @type {any} */ handle) => {
  if (awaited > 0) {
    if (handle) {
      handle.close();
      handles++;
    }
    if (--awaited === 0) send({ done: true, handles });
  } else if (message.do === 'sink') {
    awaited = message.count;
    handles = 0;
  } else if (message.do === 'source') {
    flood(send, messageOf(message.bytes), message.count, windowFor(message.bytes));
  } else {
    send(message);
  }
});

send({ ready: true });
