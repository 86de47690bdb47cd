'use strict';

const { spawn: start } = require('node:child_process');
const fs = require('node:fs');
const { underEachPath } = require('../runner/switches.js');
const { state } = require('../process/inspect.js');

const LAST = '/proc/sys/kernel/ns_last_pid';

module.exports = {
  fault: 'input',
  title: 'kill() never reaches a process that took over the number',
  needs: ['root'],
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    try {
      fs.accessSync(LAST, fs.constants.W_OK);
    } catch {
      return context.skip(`the kernel has no ${LAST}`);
    }
    let taken = 0;
    for (let round = 0; round < 40 && taken < 5; round++) taken += Number(await takeOver(context));
    if (taken === 0) context.skip('no process could be given a number that had been used');
  },
};

/** @param {import('../process/context.js').Context} context @returns {Promise<boolean>} whether the number was taken over */
async function takeOver(context) {
  const child = context.cp.spawn('true', { stdio: 'ignore' });
  const end = context.watch(child);
  // The engine reaps it while JavaScript stands still, and has not yet told of it. (The built-in
  // reaps only from the event loop: until then nobody can have the number.)
  if (!context.untilBlocking(() => state(child.pid) === undefined, 300)) {
    await end;
    context.injected();
    return true;
  }
  fs.writeFileSync(LAST, String(child.pid - 1));
  const other = start('sleep', ['20'], { stdio: 'ignore' });
  const gone = new Promise((resolve) => other.on('exit', (_code, signal) => resolve(signal)));
  const hit = other.pid === child.pid;
  if (hit) {
    context.injected();
    child.kill('SIGTERM');
  }
  await end;
  context.equal(child.kill('SIGTERM'), false, 'kill() after the exit');
  await context.pause(20);
  if (hit) context.ok(state(/** @type {number} */ (other.pid)) === 'S', 'the other process was hit');
  other.kill('SIGKILL');
  context.equal(await gone, 'SIGKILL', 'the end of the other process');
  return hit;
}
