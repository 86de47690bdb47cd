'use strict';

/*
 * One run of one case with one implementation, in a process of its own: a crash or a hang is then
 * something to count. Started by runner/run-one.js; everything it needs to know is in FAULTS_RUN.
 */

const { Context } = require('./context.js');
const { Tally } = require('./tally.js');

async function main() {
  const { argument, caseFile, implementation, long, packageDir, resultFile, toolsDir } =
    JSON.parse(/** @type {string} */ (process.env.FAULTS_RUN));
  delete process.env.FAULTS_RUN;
  const tally = new Tally(resultFile);
  const cp = implementation === 'package' ? require(packageDir) : require('node:child_process');
  if (implementation === 'package' && cp.backend !== 'native') throw new Error('the package does not use its engine');
  const { run, warm = true } = require(caseFile);
  const context = new Context({ argument, cp, implementation, long, packageDir, tally, toolsDir });
  if (warm) await context.warmUp();
  else context.setBaseline();
  await run(context);
  await context.settle();
  tally.done();
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(70);
  },
);
