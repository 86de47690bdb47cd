'use strict';

const EventEmitter = require('node:events');
const { codes } = require('../errors.js');

/**
 * Sockets of one server that a child has been sent. The server asks here how many the child still
 * has, and to be told when it has none.
 */
class SocketListSend extends EventEmitter {
  /**
   * @param {any} child
   * @param {string} key names the server
   */
  constructor(child, key) {
    super();
    this.key = key;
    this.child = child;
    child.once('exit', () => this.emit('exit', this));
  }

  /** @param {(error: Error | null, answer?: any) => void} callback */
  close(callback) {
    this.#ask('NODE_SOCKET_NOTIFY_CLOSE', 'NODE_SOCKET_ALL_CLOSED', true, callback);
  }

  /** @param {(error: Error | null, count?: number) => void} callback */
  getConnections(callback) {
    this.#ask('NODE_SOCKET_GET_COUNT', 'NODE_SOCKET_COUNT', false, (error, answer) => {
      if (error) callback(error);
      else callback(null, answer.count);
    });
  }

  /**
   * @param {string} question
   * @param {string} reply the command of the answer
   * @param {boolean} swallowErrors
   * @param {(error: Error | null, answer?: any) => void} callback
   */
  #ask(question, reply, swallowErrors, callback) {
    const { child, key } = this;
    const settle = (/** @type {Error | null} */ error, /** @type {any} */ answer) => {
      child.removeListener('disconnect', onDisconnect);
      child.removeListener('internalMessage', onMessage);
      callback(error, answer);
    };
    const onDisconnect = () => settle(new codes.ERR_CHILD_CLOSED_BEFORE_REPLY(), undefined);
    const onMessage = (/** @type {any} */ message) => {
      if (message.cmd === reply && message.key === key) settle(null, message);
    };
    if (!child.connected) return onDisconnect();
    child._send({ cmd: question, key }, undefined, swallowErrors);
    child.once('disconnect', onDisconnect);
    child.on('internalMessage', onMessage);
  }
}

/** Sockets of one of the child's servers that this process has been sent. */
class SocketListReceive extends EventEmitter {
  /**
   * @param {any} child
   * @param {string} key names the server
   */
  constructor(child, key) {
    super();
    this.connections = 0;
    this.key = key;
    this.child = child;
    child.on('internalMessage', (/** @type {any} */ message) => {
      if (message.key === key) this.#answer(message.cmd);
    });
  }

  /** @param {{ socket: import('node:net').Socket }} entry */
  add({ socket }) {
    this.connections++;
    socket.once('close', () => {
      this.connections--;
      if (this.connections === 0) this.emit('empty', this);
    });
  }

  /** @param {string} question */
  #answer(question) {
    if (question === 'NODE_SOCKET_NOTIFY_CLOSE') {
      const tell = () => this.#tell({ cmd: 'NODE_SOCKET_ALL_CLOSED', key: this.key });
      if (this.connections === 0) tell();
      else this.once('empty', tell);
    } else if (question === 'NODE_SOCKET_GET_COUNT') {
      this.#tell({ cmd: 'NODE_SOCKET_COUNT', key: this.key, count: this.connections });
    }
  }

  /** @param {any} message */
  #tell(message) {
    if (this.child.connected) this.child._send(message, undefined, true);
  }
}

module.exports = { SocketListSend, SocketListReceive };
