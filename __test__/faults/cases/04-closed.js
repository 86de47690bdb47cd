'use strict';

const fs = require('node:fs');
const { spawn: start } = require('node:child_process');
const path = require('node:path');

const PROBE = path.join(__dirname, '..', 'process', 'closed-stdio.js');

module.exports = {
  fault: '4',
  title: 'started with 0, 1, 2 closed in each combination',
  seconds: 90,

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    for (let bits = 0; bits < 8; bits++) {
      const closed = [0, 1, 2].filter((fd) => bits & (1 << fd));
      const report = context.scratch(`report-${bits}`);
      const command = `exec "$0" "$@" ${closed.map((fd) => `${fd}>&-`).join(' ')}`;
      const probe = start('/bin/sh', ['-c', command, process.execPath, PROBE, context.modulePath, report], { stdio: 'pipe' });
      context.injected();
      probe.stdin.end();
      const [code, signal] = await new Promise((resolve) => probe.on('close', (...end) => resolve(end)));
      if (signal) context.crash(1, `${closed} closed: ${signal}`);
      else if (code !== 0) context.wrong(`${closed} closed: exit code ${code}`);
      else context.equal(JSON.parse(fs.readFileSync(report, 'utf8')), EXPECTED, `with ${closed} closed`);
    }
  },
};

/** What process/closed-stdio.js reports when all is well. */
const EXPECTED = {
  pipes: { code: 3, stdout: 'in:out', stderr: 'err' },
  inherit: { code: 4, open: ['0', '1', '2'] },
  ignore: { code: 5 },
  sync: { status: 6, stdout: 'in:out', stderr: 'err' },
  exec: { stdout: 'out', stderr: 'err' },
};
