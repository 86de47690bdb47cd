'use strict';

const diagnosticsChannel = require('node:diagnostics_channel');
const { errnoException } = require('./errors.js');
const { tracesSpawn } = require('./options/running-node.js');

const created = diagnosticsChannel.channel('child_process');
const started = tracesSpawn ? diagnosticsChannel.tracingChannel('child_process.spawn') : undefined;

/** @param {any} child a ChildProcess just made */
function traceCreation(child) {
  if (created.hasSubscribers) created.publish({ process: child });
}

/** @returns {boolean} whether somebody wants to see the options of a start */
function isStartTraced() {
  return Boolean(started?.hasSubscribers);
}

/**
 * @param {any} child
 * @param {any} options
 */
function traceStart(child, options) {
  if (isStartTraced()) started?.start.publish({ process: child, options });
}

/**
 * @param {any} child
 * @param {number} error 0 or a negative errno
 */
function traceOutcome(child, error) {
  if (!isStartTraced()) return;
  if (error === 0) started?.end.publish({ process: child });
  else started?.error.publish({ process: child, error: errnoException(error, 'spawn') });
}

module.exports = { isStartTraced, traceCreation, traceOutcome, traceStart };
