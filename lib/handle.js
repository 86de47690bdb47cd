'use strict';

const { native } = require('./backend.js');
const dispatch = require('./dispatch.js');

/**
 * child._handle: the native handle, with what of Node's handles is not the engine's business.
 */
class ProcessHandle extends native.ChildProcess {
  constructor() {
    dispatch.connect();
    super();
  }

  /**
   * Hears no more of the process, which is reaped all the same.
   * @param {() => void} [callback]
   */
  close(callback) {
    this.unref();
    dispatch.forget(this.id);
    if (callback) process.nextTick(callback);
  }
}

module.exports = { ProcessHandle };
