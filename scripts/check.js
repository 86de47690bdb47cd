'use strict';

// The whole check, as CI runs it. Every step runs even if one before it failed; the last lines sum up.
//
//     npm run check                    everything
//     npm run check -- --skip tests    without one or more steps, for a run right after `npm test`
//     npm run check -- --only lint     one or more steps

const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { parseArgs } = require('node:util');

const root = join(__dirname, '..');

/** What each step runs, in order. A step ends at its first command that fails. */
const steps = {
  fmt: ['cargo fmt --check'],
  clippy: [
    'cargo clippy --locked --all-targets -- -D warnings',
    'cargo clippy --locked --all-targets --no-default-features -- -D warnings',
  ],
  deny: [optional('cargo deny --version', 'cargo deny --locked check', 'cargo-deny is not installed')],
  build: ['npm run --silent build'],
  lint: ['npm run --silent lint'],
  types: ['npm run --silent typecheck'],
  tests: ['npm run --silent test'],
  fallbacks: ['npm run --silent test:fallbacks'],
  workers: [ifThere('__test__/workers', 'npm run --silent test:workers')],
  tree: [cleanTree],
};

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, skip: { type: 'string', multiple: true, default: [] } },
});
const unknown = [...(values.only ?? []), ...values.skip].filter((name) => !Object.hasOwn(steps, name));
if (unknown.length) {
  console.error(`No such step: ${unknown.join(', ')}. Steps: ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}

const dirtyBefore = changes();
const summary = Object.keys(steps)
  .filter((name) => (values.only ?? [name]).includes(name) && !values.skip.includes(name))
  .map(runStep);

console.log('\ncheck');
for (const { name, outcome, seconds } of summary) {
  console.log(`  ${outcome === 'failed' ? '✗' : '✓'} ${name.padEnd(9)} ${outcome}  ${seconds.toFixed(1)} s`);
}
process.exit(summary.some(({ outcome }) => outcome === 'failed') ? 1 : 0);

function runStep(name) {
  const started = Date.now();
  let outcome = 'passed';
  for (const command of steps[name]) {
    const result = typeof command === 'string' ? run(command) : command();
    if (result === true) continue;
    outcome = result === false ? 'failed' : result;
    break;
  }
  return { name, outcome, seconds: (Date.now() - started) / 1000 };
}

function run(command) {
  console.log(`\n$ ${command}`);
  return spawnSync(command, { cwd: root, shell: true, stdio: 'inherit' }).status === 0;
}

function optional(probe, command, reason) {
  return () => {
    if (spawnSync(probe, { shell: true, stdio: 'ignore' }).status === 0) return run(command);
    console.log(`\nskipped: ${command} (${reason})`);
    return `skipped: ${reason}`;
  };
}

/** For a suite that not every checkout has. */
function ifThere(folder, command) {
  return () => {
    if (existsSync(join(root, folder))) return run(command);
    console.log(`\nskipped: ${command} (there is no ${folder})`);
    return `skipped: there is no ${folder}`;
  };
}

/** What the build and the tests left behind that is neither committed nor ignored. */
function cleanTree() {
  const left = changes().filter((line) => !dirtyBefore.includes(line));
  console.log(left.length ? `\nThe check changed the tree:\n${left.join('\n')}` : '\nThe tree is as it was.');
  return left.length === 0;
}

function changes() {
  const { stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter(Boolean);
}
