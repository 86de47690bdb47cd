'use strict';

// The Node child of the doctor's checks.

/** @type {Record<string, () => void>} */
const roles = {
  /** Sends each message back. */
  echo() {
    process.on('message', (message) => process.send?.(message));
  },

  /** Accepts one connection on the server that it is given. */
  server() {
    process.on('message', (_message, handle) => {
      const server = /** @type {import('node:net').Server} */ (handle);
      server.on('connection', (socket) => {
        socket.end('from the child');
        server.close();
      });
      process.send?.('ready');
    });
  },
};

const role = roles[process.argv[2]];
if (role) role();
else process.exitCode = 7;
