'use strict';

const { readdirSync } = require('node:fs');
const os = require('node:os');
const { version } = require('../../package.json');
const backend = require('../backend');

/**
 * What is known about the machine and the way this package works on it.
 * @returns {{ facts: Record<string, string | undefined>, problems: string[] }}
 */
function collectFacts() {
  const { native } = backend;
  const facts = {
    package: `rs-child-process ${version}`,
    platform: `${process.platform} ${process.arch}`,
    libc: libc(),
    kernel: `${os.type()} ${os.release()}`,
    node: `${process.version} (Node-API ${process.versions.napi})`,
    backend: backend.name,
    launch: native?.launchPath(),
    wait: native?.waitPath(),
  };
  return { facts, problems: [] };
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
