'use strict';

const dgram = require('node:dgram');
const net = require('node:net');
const { codes } = require('../errors.js');
const { handleOfDgram, isDatagramHandle, isStreamHandle } = require('../handle-classes.js');

/** @typedef {import('./link.js').Link} Link */

/**
 * How one type of object travels with a message.
 * @typedef {object} Conversion
 * @property {(object: any) => boolean} matches whether an object is of this type
 * @property {(link: Link, envelope: any, object: any, options: any) => any} detach the native handle
 *   to be sent, taken from the object; undefined if it has none. Adds to the envelope what the
 *   receiver needs.
 * @property {boolean} [closes] the sender's handle is closed when the receiver has it
 * @property {(handle: any) => boolean} accepts whether an object can be made of a received handle
 * @property {(link: Link, envelope: any, handle: any, done: (object: any) => void) => void} attach
 *   makes the object
 */

/** @type {any} net as it really is: the types know neither its internals nor what is new */
const internals = net;

function nop() {}

/**
 * A socket accepted by a server: both sides follow it, so that the server's count stays right.
 * @param {Link} link
 * @param {any} envelope
 * @param {any} socket
 * @param {any} options
 */
function followSocket(link, envelope, socket, options) {
  const { server } = socket;
  if (options.track !== false) {
    envelope.key = server._connectionKey;
    const known = link.hasSocketList('send', envelope.key);
    const list = link.socketList('send', envelope.key);
    // From now on the server asks the children about its connections.
    if (!known) server._setupWorker(list);
  }
  if (!options.keepOpen) server._connections--;
}

/**
 * Gives back what an HTTP connection holds.
 * @param {any} socket
 */
function releaseParser(socket) {
  if (!socket.parser) return;
  // Public, though undocumented: it returns the parser to the pool it came from.
  // @ts-expect-error no types
  const { freeParser, HTTPParser } = require('_http_common');
  if (!(socket.parser instanceof HTTPParser)) return;
  freeParser(socket.parser, null, socket);
  if (socket._httpMessage) socket._httpMessage.detachSocket(socket);
}

/**
 * Leaves a socket without its handle; what arrives from now on is the receiver's.
 * @param {any} socket
 */
function stripSocket(socket) {
  const handle = socket._handle;
  handle.onread = nop;
  handle.readStop?.();
  socket._handle = null;
  socket.setTimeout(0);
  releaseParser(socket);
}

/**
 * @param {any} object
 * @param {string} name the description of one of Node's symbols on its prototype
 */
function internalMethod(object, name) {
  const symbol = Object.getOwnPropertySymbols(internals.BoundSocket.prototype)
    .find(({ description }) => description === name);
  return object[/** @type {symbol} */ (symbol)].bind(object);
}

/** @type {Map<string, Conversion>} by the type in the envelope; the first that matches is taken */
const conversions = new Map();

conversions.set('net.Socket', {
  matches: (object) => object instanceof net.Socket,
  closes: true,
  detach(link, envelope, socket, options) {
    const handle = socket._handle;
    if (!handle) return undefined;
    if (socket.server) followSocket(link, envelope, socket, options);
    if (!options.keepOpen) stripSocket(socket);
    return handle;
  },
  accepts: isStreamHandle,
  attach(link, envelope, handle, done) {
    const options = { handle, readable: true, writable: true };
    const socket = new net.Socket(/** @type {any} */ (options));
    if (envelope.key) link.socketList('got', envelope.key).add({ socket });
    done(socket);
  },
});

conversions.set('net.Server', {
  matches: (object) => object instanceof net.Server,
  detach: (link, envelope, server) => server._handle,
  accepts: isStreamHandle,
  attach(link, envelope, handle, done) {
    const server = new net.Server();
    /** @param {Error} error the child sent what cannot listen */
    const refuse = (error) => link.invalid(error);
    server.once('error', refuse);
    server.listen(handle, () => {
      server.removeListener('error', refuse);
      done(server);
    });
  },
});

conversions.set('net.Native', {
  matches: isStreamHandle,
  detach: (link, envelope, handle) => handle,
  accepts: isStreamHandle,
  attach: (link, envelope, handle, done) => done(handle),
});

conversions.set('dgram.Socket', {
  matches: (object) => object instanceof dgram.Socket,
  detach(link, envelope, socket) {
    envelope.dgramType = socket.type;
    return handleOfDgram(socket);
  },
  accepts: isDatagramHandle,
  attach(link, envelope, handle, done) {
    const socket = new /** @type {any} */ (dgram.Socket)(envelope.dgramType);
    socket.bind(handle, () => done(socket));
  },
});

conversions.set('dgram.Native', {
  matches: isDatagramHandle,
  detach: (link, envelope, handle) => handle,
  accepts: isDatagramHandle,
  attach: (link, envelope, handle, done) => done(handle),
});

// Node 24 has the class, and cannot move one to another process yet.
if (internals._TransferredBoundSocket) {
  conversions.set('net.BoundSocket', {
    matches: (object) => object instanceof internals.BoundSocket,
    closes: true,
    detach(link, envelope, bound) {
      if (bound.isPipe) throw new codes.ERR_INVALID_HANDLE_TYPE();
      return internalMethod(bound, 'messaging_transfer_symbol')().data.handle;
    },
    accepts: isStreamHandle,
    attach(link, envelope, handle, done) {
      const bound = new internals._TransferredBoundSocket();
      internalMethod(bound, 'messaging_deserialize_symbol')({ handle });
      done(bound);
    },
  });
}

/**
 * @param {any} object what the user wants to send
 * @returns {string} its type
 */
function typeOf(object) {
  for (const [type, { matches }] of conversions) {
    if (matches(object)) return type;
  }
  throw new codes.ERR_INVALID_HANDLE_TYPE();
}

/**
 * Closes a received object that nobody will get.
 * @param {any} object a handle, a socket or a server; or nothing
 */
function discard(object) {
  if (object == null) return;
  if (typeof object.destroy === 'function') object.destroy();
  else object.close();
}

module.exports = { conversions, discard, typeOf };
