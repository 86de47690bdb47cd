'use strict';

const net = require('node:net');

/** What the child does with sockets that it gets. */
const MANNERS = {
  __proto__: null,
  'dies at once': 'process.on("message", () => process.kill(process.pid, "SIGKILL"))',
  'dies before it looks': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); process.kill(process.pid, "SIGKILL")',
  'throws': 'process.on("message", () => { throw new Error("meant to") })',
  'leaves': 'process.on("message", () => process.exit(0))',
  'disconnects': 'process.on("message", (m, socket) => { process.disconnect(); setTimeout(() => process.exit(), 100) })',
};

module.exports = {
  fault: '10',
  title: 'a child that dies holding a sent socket',
  needsModule: 'lib/ipc/channel.js',
  seconds: 60,

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    for (const [name, script] of Object.entries(MANNERS)) {
      for (const keepOpen of [false, true]) await once(context, name, script, keepOpen);
    }
  },
};

/** @param {import('../process/context.js').Context} context @param {string} name @param {string} script @param {boolean} keepOpen */
async function once(context, name, script, keepOpen) {
  const child = context.cp.spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const end = context.watch(child);
  child.on('error', () => {});
  /** @type {net.Socket[]} */
  const clients = [];
  const server = net.createServer({ pauseOnConnect: true });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  const closed = [];
  for (let i = 0; i < 5; i++) {
    const accepted = new Promise((resolve) => server.once('connection', resolve));
    const client = net.connect(port, '127.0.0.1').resume();
    client.on('error', () => {});
    closed.push(new Promise((resolve) => client.on('close', resolve)));
    clients.push(client);
    const socket = /** @type {net.Socket} */ (await accepted);
    context.injected();
    // Whoever is told that it was not sent, or wants to keep it, has to close it.
    child.send({ i }, socket, { keepOpen }, (/** @type {any} */ error) => error && socket.destroy());
    if (keepOpen) end.then(() => socket.destroy());
  }
  await end;
  const what = `${name}${keepOpen ? ', kept open' : ''}`;
  await context.within(Promise.all(closed), `sockets of a child that ${what}`, 1500);
  for (const client of clients) client.destroy();
  // Not awaited: it counts the sockets that travelled, in the built-in as well.
  server.close();
}
