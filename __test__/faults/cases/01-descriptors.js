'use strict';

const fs = require('node:fs');
const { underEachPath } = require('../runner/switches.js');

/** Ways to start a process, each reporting its failure as a code, '' for none. */
const WAYS = {
  __proto__: null,
  spawn: (context) => codeOf(context, context.cp.spawn('true')),
  'spawn with 6 pipes': (context) => codeOf(context, context.cp.spawn('true', { stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'] })),
  'spawn ignoring': (context) => codeOf(context, context.cp.spawn('true', { stdio: 'ignore' })),
  exec: (context) => context.within(new Promise((resolve) => {
    context.cp.exec('echo text', (error, stdout) => resolve(error?.code ?? (stdout === 'text\n' ? '' : `stdout ${stdout}`)));
  }), 'exec'),
  spawnSync({ cp }) {
    const { error, stdout } = cp.spawnSync('echo', ['text']);
    return error?.code ?? (String(stdout) === 'text\n' ? '' : `stdout ${stdout}`);
  },
};

/** @param {any} context @param {any} child */
async function codeOf(context, child) {
  const { code, errors } = await context.watch(child);
  return errors[0]?.code ?? (code === 0 ? '' : `code ${code}`);
}

module.exports = {
  fault: '1',
  title: 'EMFILE: descriptors to spare, from 0 up',
  needs: ['prlimit'],
  seconds: 120,
  runs: () => underEachPath([{ prefix: ['prlimit', '--nofile=96:96'] }]),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    for (const [name, way] of Object.entries(WAYS)) {
      let worked = false;
      for (let spare = 0; spare < 40 && !worked; spare++) {
        const filler = fillTable(spare);
        context.injected();
        let answer;
        try {
          answer = await way(context);
        } catch (error) {
          context.wrong(`${name} with ${spare} to spare threw ${error.message}`);
        }
        for (const fd of filler) fs.closeSync(fd);
        worked = answer === '';
        if (!worked && answer !== 'EMFILE') context.wrong(`${name} with ${spare} to spare: ${answer} instead of EMFILE`);
      }
      context.ok(worked, `${name} did not work with 39 descriptors to spare`);
      context.equal(await way(context), '', `${name} after it all`);
    }
  },
};

/** @param {number} spare @returns {number[]} open descriptors that leave only this many free */
function fillTable(spare) {
  const filler = [];
  for (;;) {
    try {
      filler.push(fs.openSync('/dev/null'));
    } catch {
      break;
    }
  }
  for (const fd of filler.splice(Math.max(0, filler.length - spare))) fs.closeSync(fd);
  return filler;
}
