'use strict';

/*
 * Runs the tests of Node.js itself against this package: every test in its own process, with register.js
 * preloaded, next to a run with the built-in module. See README.md in this folder.
 */

const { parseCommandLine, HELP } = require('./cli.js');
const { findNode } = require('./runner/node-binary.js');
const { locateTree } = require('./tree/locate.js');
const { listTests } = require('./tests/sets.js');
const { runAll } = require('./runner/run-all.js');
const { report } = require('./report/report.js');

async function main() {
  const options = parseCommandLine(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const tree = await locateTree({ given: process.env.NODE_SUITE, tag: options.tag, log });
  const tests = listTests(tree, options.sets, options.filter);
  if (tests.length === 0) throw new Error('no test matches: check --set and --filter');
  if (options.list) {
    process.stdout.write(`${tests.map((test) => test.name).join('\n')}\n`);
    return 0;
  }

  const node = findNode(options.node, options.builtin);
  log(`${tests.length} tests (${options.sets.join(', ')}${options.worker ? ', in workers' : ''}) ` +
      `of Node ${tree.version ?? 'of unknown version'}, ` +
      `run by Node ${node.version}, backend: ${options.builtin ? 'built-in only' : node.backend}`);
  const results = await runAll(tests, { ...options, node, tree });
  return report(results, { ...options, node, tree });
}

/** @param {string} line */
function log(line) {
  process.stderr.write(`${line}\n`);
}

main().then(
  (code) => { process.exitCode = code; },
  (error) => {
    log(`node-suite: ${error.message}`);
    process.exitCode = 2;
  },
);
