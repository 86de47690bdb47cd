'use strict';

/*
 * The fault suite: every case in a process of its own, with this package and with the built-in
 * beside it, and one table of what was lost. `npm run test:faults`; `--help` says the rest.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { HELP, parseCommandLine } = require('./runner/cli.js');
const { listCases } = require('./runner/cases.js');
const { runAll } = require('./runner/run-all.js');
const { isClean, toMarkdown, toText, verdict } = require('./runner/table.js');
const { Tools } = require('./runner/tools.js');

async function main() {
  const options = parseCommandLine(process.argv.slice(2));
  if (options.help) return say(HELP);
  const cases = listCases(options.filters);
  if (options.list) return say(cases.map(({ fault, file, title }) => `${path.basename(file)}: ${fault} ${title}\n`).join(''));
  if (cases.length === 0) throw new Error('no case matches --filter');
  if (process.platform !== 'linux') {
    say('The engine runs on Linux only.\n\n0 passed, 0 failed, 1 skipped\n');
    return 0;
  }

  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'faults-'));
  fs.chmodSync(dir, 0o755);
  try {
    const rows = await runAll(cases, options, { tools: new Tools(dir), dir, onRow: progress });
    return report(rows, options);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {import('./runner/run-all.js').Row} row */
function progress(row) {
  const { fault, implementation, seconds, title } = row;
  process.stderr.write(`${verdict(row).padEnd(7)} ${implementation.padEnd(8)} ${fault} ${title} (${seconds.toFixed(1)} s)\n`);
}

/**
 * @param {import('./runner/run-all.js').Row[]} rows
 * @param {import('./runner/cli.js').Options} options
 * @returns {number} exit code
 */
function report(rows, options) {
  const remarked = rows.filter((row) => row.remarks.length > 0);
  for (const row of remarked) {
    const { fault, implementation, remarks, title } = row;
    say(`${isClean(row) ? 'remarks' : 'faults'} of ${implementation}, ${fault} ${title}:\n${remarks.map((text) => `  - ${text}\n`).join('')}`);
  }
  say(`${remarked.length > 0 ? '\n' : ''}${toText(rows)}\n`);
  if (options.markdown) fs.writeFileSync(options.markdown, toMarkdown(rows));
  const judged = rows.filter(({ implementation }) => implementation === options.implementations[0]);
  const count = (/** @type {string} */ word) => judged.filter((row) => verdict(row) === word).length;
  say(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`);
  return count('failed') > 0 ? 1 : 0;
}

/** @param {string} text */
function say(text) {
  process.stdout.write(text);
  return 0;
}

main().then(
  (code) => { process.exitCode = code; },
  (error) => {
    process.stderr.write(`faults: ${error.message}\n`);
    process.exitCode = 2;
  },
);
