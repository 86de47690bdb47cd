'use strict';

const { constants } = require('node:os');
const { underEachPath } = require('../runner/switches.js');

module.exports = {
  fault: '3',
  title: 'SIGCHLD ignored at run time: the kernel reaps by itself',
  needs: ['cc'],
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, native } = context;
    context.injected(100);
    const children = Array.from({ length: 100 }, (_value, i) => cp.spawn('sh', ['-c', `read line; echo ${i}; exit 7`]));
    const ends = children.map((child) => context.watch(child, { ms: 5000 }));
    // While they live: libuv puts its own handler in place with the first child.
    native.setDisposition(constants.signals.SIGCHLD, 1);
    for (const child of children) child.stdin.end('\n');
    const records = await Promise.all(ends);
    native.setDisposition(constants.signals.SIGCHLD, 0);
    for (const { code, signal } of records) {
      if (!(code === 7 || code === null || code === undefined) || signal) context.wrong(`exit (${code}, ${signal})`);
    }
    const short = records.filter(({ text }, i) => text !== `${i}\n`).length;
    context.lostBytes(short, `the output of ${short} children`);
  },
};
