'use strict';

const fs = require('node:fs');
const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: 'input',
  title: 'no descriptor reaches a child unless stdio names it',
  needs: ['cc'],
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    // Opened without close-on-exec, as another addon may do.
    const opened = Array.from({ length: 50 }, (_value, i) => native.openInheritable(context.scratch(`file${i}`)));
    const report = context.scratch('report');
    const file = context.tool('fd-report');
    const numbers = () => fs.readFileSync(report, 'utf8').trim().split('\n').map((line) => Number(line.split(' ')[0]));
    const check = (/** @type {string} */ what, /** @type {number[]} */ expected) => {
      context.injected(opened.length);
      const more = numbers().filter((number) => !expected.includes(number));
      if (more.length > 0) context.wrong(`${what}: ${more.length} descriptors that nobody named`);
      fs.rmSync(report);
    };
    await context.watch(cp.spawn(file, [report]));
    check('spawn', [0, 1, 2]);
    await context.watch(cp.spawn(file, [report], { stdio: ['ignore', 'pipe', 'inherit', 'ignore', opened[0]] }));
    check('spawn with 4', [0, 1, 2, 4]);
    cp.spawnSync(file, [report]);
    check('spawnSync', [0, 1, 2]);
    await new Promise((resolve) => cp.execFile(file, [report], resolve));
    check('execFile', [0, 1, 2]);
    for (const fd of opened) fs.closeSync(fd);
  },
};
