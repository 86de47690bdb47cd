'use strict';

const { descriptors } = require('../process/inspect.js');

/**
 * A child that sends descriptors nobody asked for. `send(bytes, count)` sends this many beside them.
 */
const PREAMBLE = `
import array, socket, sys, time
channel = socket.socket(fileno=3)
file = open('/dev/null')
def send(data, count=1, fd=None):
    numbers = array.array('i', [file.fileno() if fd is None else fd] * count)
    channel.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
`;

/** What it sends, and what is to come of it. */
const ATTACKS = {
  __proto__: null,
  'beside plain messages': { script: 'for i in range(500): send(b"1\\n")', messages: 500 },
  'many at once': { script: 'for i in range(50): send(b"1\\n", 200)', messages: 50 },
  'beside pieces of one line': { script: 'for i in range(500): send(b" ")\nsend(b"1\\n")', messages: 1 },
  'beside the middle of messages': {
    script: 'for i in range(100):\n    channel.sendall(b"{\\"a\\":")\n    send(b"1}\\n")', messages: 100,
  },
  'a file as a socket': {
    script: 'for i in range(20): send(b\'{"cmd":"NODE_HANDLE","type":"net.Socket","msg":1}\\n\')', messages: 0,
  },
  'a datagram socket as a server': {
    script: `udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(20): send(b'{"cmd":"NODE_HANDLE","type":"net.Server","msg":1}\\n', 1, udp.fileno())`,
    messages: 0,
  },
  'of an unknown type': {
    script: `tcp = socket.socket()
for kind in ('__proto__', 'constructor', 'x'): send(b'{"cmd":"NODE_HANDLE","type":"%s","msg":1}\\n' % kind.encode(), 1, tcp.fileno())`,
    messages: 0,
  },
  'a channel within the channel': { script: 'for i in range(100): send(b"1\\n", 1, 3)', messages: 100 },
};

module.exports = {
  fault: '10',
  title: 'a child that sends descriptors nobody asked for',
  needsModule: 'lib/ipc/channel.js',
  needs: ['python3'],
  seconds: 12,
  runs: () => Object.keys(ATTACKS).map((name) => ({ name, argument: name })),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { messages, script } = ATTACKS[context.argument];
    context.injected();
    const before = descriptors().size;
    const child = context.cp.spawn('python3', ['-c', `${PREAMBLE}${script}\n`], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let [got, most] = [0, 0];
    child.on('message', (/** @type {any} */ _message, /** @type {any} */ handle) => {
      got++;
      handle?.close?.();
    });
    const timer = setInterval(() => { most = Math.max(most, descriptors().size); }, 2);
    const record = await context.watch(child);
    clearInterval(timer);
    context.equal(record.code, 0, 'the exit code of the child');
    context.lostBytes(messages - got, `${messages - got} of ${messages} messages`);
    context.ok(record.errors.every(({ code }) => code === 'ERR_IPC_FRAME_INVALID'), `errors ${record.errors.map(({ message }) => message)}`);
    context.ok(most - before < 40, `${most - before} descriptors open`);
  },
};
