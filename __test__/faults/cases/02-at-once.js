'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { underEachPath } = require('../runner/switches.js');

const TOTAL = 1000;

module.exports = {
  fault: '2',
  title: '1,000 children that exit at the same moment',
  seconds: 120,
  needs: ['mkfifo'],
  runs: ({ long }) => (long ? underEachPath() : [{}]),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    // All of them read from one pipe, which comes to its end.
    const fifo = context.scratch('fifo');
    context.cp.spawnSync('mkfifo', [path.resolve(fifo)]);
    const hold = fs.openSync(fifo, 'r+');
    const read = fs.openSync(fifo, 'r');
    const ends = [];
    for (let i = 0; i < TOTAL; i++) ends.push(context.watch(context.cp.spawn('cat', { stdio: [read, 'ignore', 'ignore'] }), { ms: 60_000 }));
    context.injected(TOTAL);
    fs.closeSync(read);
    // A pipe ends when nobody can write to it any more.
    fs.closeSync(hold);
    const codes = (await Promise.all(ends)).filter(({ code }) => code === 0);
    context.equal(codes.length, TOTAL, 'children with exit code 0');
    await context.pause(100);
  },
};
