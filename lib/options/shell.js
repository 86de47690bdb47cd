'use strict';

/** @type {Record<string, () => string>} the shell of each platform; read when needed, as comspec may change */
const SHELLS = {
  // @ts-expect-error a null prototype, so that no inherited name answers
  __proto__: null,
  android: () => '/system/bin/sh',
  win32: () => process.env.comspec || 'cmd.exe',
};

const CMD = /^(?:.*\\)?cmd(?:\.exe)?$/i;

/**
 * A command line in the hands of a shell. The options are the same on every platform, whoever
 * starts the process in the end.
 * @param {string} command
 * @param {string | true} shell a path, or that of the platform
 * @returns {{ file: string, args: string[], isVerbatim: boolean }}
 */
function throughShell(command, shell) {
  const { platform } = process;
  const file = typeof shell === 'string' ? shell : SHELLS[platform]?.() ?? '/bin/sh';
  // cmd.exe alone has switches of its own and wants quotes that nobody touches.
  return platform === 'win32' && CMD.test(file) ?
    { file, args: ['/d', '/s', '/c', `"${command}"`], isVerbatim: true } :
    { file, args: ['-c', command], isVerbatim: false };
}

module.exports = { throughShell };
