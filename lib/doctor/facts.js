'use strict';

const { readdirSync } = require('node:fs');
const os = require('node:os');
const { version } = require('../../package.json');

const SWITCH = 'RS_CHILD_PROCESS_BACKEND';

/**
 * What is known about the machine and the way this package works on it.
 * @returns {{ facts: Record<string, string | undefined>, problems: string[] }}
 */
function collectFacts() {
  const backend = loadBackend();
  const facts = {
    package: `rs-child-process ${version}`,
    platform: `${process.platform} ${process.arch}`,
    libc: libc(),
    kernel: `${os.type()} ${os.release()}`,
    node: `${process.version} (Node-API ${process.versions.napi})`,
    backend: backend.name,
    binary: Object.keys(require.cache).find((path) => /rs-child-process[^/]*\.node$/.test(path)),
    launch: backend.native?.launchPath(),
    wait: backend.native?.waitPath(),
  };
  return { facts, problems: backend.problem ? [backend.problem] : [] };
}

/** @returns {{ name?: string, native?: any, problem?: string }} */
function loadBackend() {
  try {
    const { name, native } = require('../backend');
    const unasked = name === 'node' && process.platform === 'linux' && !process.env[SWITCH];
    return { name, native, problem: unasked ? `The built-in is in use. ${whyNot()}` : undefined };
  } catch (error) {
    return { problem: error.message };
  }
}

/** @returns {string} why the native module is not in use, in the words of whoever throws */
function whyNot() {
  try {
    require('../native');
    return '';
  } catch (error) {
    return error.message;
  }
}

/** @returns {string | undefined} the C library of the running Node */
function libc() {
  if (process.platform !== 'linux') return undefined;
  const header = /** @type {any} */ (process.report?.getReport())?.header;
  if (header?.glibcVersionRuntime) return `glibc ${header.glibcVersionRuntime}`;
  const musl = readdirSync('/lib').some((name) => name.startsWith('ld-musl-'));
  return musl ? 'musl' : 'unknown';
}

module.exports = { collectFacts };
