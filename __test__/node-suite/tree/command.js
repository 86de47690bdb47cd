'use strict';

const { execFile } = require('node:child_process');

/**
 * Runs a program to its end; what it wrote to stdout, or an error that says what it complained about.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeout?: number }} [options] timeout in milliseconds
 * @returns {Promise<string>}
 */
function command(file, args, { cwd, env = process.env, timeout = 900_000 } = {}) {
  return new Promise((resolve, reject) => {
    const settings = { cwd, env, timeout, maxBuffer: 64 * 1024 * 1024, killSignal: /** @type {const} */ ('SIGKILL') };
    execFile(file, args, settings, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = stderr.trim().split('\n').slice(-3).join(' / ');
      reject(new Error(`${file} ${args[0]}: ${error.killed ? 'took too long' : said || error.message}`));
    });
  });
}

module.exports = { command };
