'use strict';

// The Node child of the doctor's checks.

const roles = {
  echo() {
    process.on('message', (message) => process.send(message));
  },
  server() {
    process.on('message', (_, server) => {
      server.on('connection', (socket) => {
        socket.end('from the child');
        server.close();
      });
      process.send('ready');
    });
  },
};

const role = roles[process.argv[2]];
if (role) role();
else process.exitCode = 7;
