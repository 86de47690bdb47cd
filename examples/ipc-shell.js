'use strict';

// The other end of the channel need not be Node: a JSON line in, a JSON line out, on the descriptor
// that NODE_CHANNEL_FD names.

const { spawn } = require('rs-child-process');

const script = `
  read -r line <&"$NODE_CHANNEL_FD"
  echo "{\\"youSaid\\":$line}" >&"$NODE_CHANNEL_FD"
`;

const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
child.on('message', (message) => console.log('the shell answers:', JSON.stringify(message)));
child.send({ hello: 'shell' });
