#!/usr/bin/env node
'use strict';

const { parseArgs } = require('node:util');

const usage = `Usage: rs-child-process doctor [--json]

  doctor      says which backend and system paths are in use, and tests them
    --json    the same as JSON
  --version   prints the version
  --help      prints this text

Exit code: 0 if all is well, 1 if the doctor found a problem, 2 if the command was not understood.
`;

const options = /** @type {const} */ ({
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
});

/** @type {Record<string, (values: { json?: boolean }) => Promise<number>>} */
const commands = { doctor };

/** @param {{ json?: boolean }} values */
async function doctor({ json }) {
  const { examine } = require('../lib/doctor');
  const { report } = require('../lib/doctor/report');
  const examination = await examine();
  const colour = process.stdout.isTTY === true && process.stdout.hasColors?.() && !process.env.NO_COLOR;
  process.stdout.write(json ? `${JSON.stringify(examination, null, 2)}\n` : report(examination, colour));
  return examination.ok ? 0 : 1;
}

/** @param {string} problem */
function misunderstood(problem) {
  process.stderr.write(`${problem}\n\n${usage}`);
  return 2;
}

async function main() {
  let parsed;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return misunderstood(error.message);
  }
  const { values, positionals } = parsed;
  if (values.version) return console.log(require('../package.json').version) ?? 0;
  if (values.help) return console.log(usage.trimEnd()) ?? 0;
  if (positionals.length !== 1) return misunderstood('One command is expected.');
  const [name] = positionals;
  return Object.hasOwn(commands, name) ? commands[name](values) : misunderstood(`There is no command '${name}'.`);
}

main().then((code) => {
  process.exitCode = code;
});
