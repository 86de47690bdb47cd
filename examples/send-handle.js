'use strict';

// The parent listens; each connection it accepts is handed to a child, which answers.

const net = require('node:net');
const { fork } = require('rs-child-process');

function parent() {
  const child = fork(__filename, ['child']);
  const server = net.createServer({ pauseOnConnect: true }, (socket) => child.send('connection', socket));

  server.listen(0, '127.0.0.1', () => {
    const client = net.connect(server.address().port, '127.0.0.1');
    client.setEncoding('utf8').on('data', (data) => console.log(`the client reads: ${data}`));
    client.on('close', () => {
      child.disconnect();
      server.close();
    });
  });
}

function child() {
  process.on('message', (message, socket) => socket.end(`hello from a forked child, by ${message}`));
}

if (process.argv[2] === 'child') child();
else parent();
