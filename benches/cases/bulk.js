'use strict';

// Much data through the standard streams.

const { next } = require('../lib/events.js');
const { atLeast, notBehindBun } = require('../lib/goals.js');
const { rate } = require('../lib/sampling.js');

const MB = 2 ** 20;

/** @param {number} megabytes */
const zeros = (megabytes) => ['if=/dev/zero', 'bs=1M', `count=${megabytes}`, 'status=none'];

/**
 * @param {number} got
 * @param {number} megabytes
 */
function expect(got, megabytes) {
  if (got !== megabytes * MB) throw new Error(`${got} bytes instead of ${megabytes} MB`);
}

/** @type {Record<string, (cp: any, megabytes: number) => () => any>} how each way does its work */
const WAYS = {
  execFile: (cp, megabytes) => () => new Promise((resolve, reject) => {
    cp.execFile('/bin/dd', zeros(megabytes), { encoding: 'buffer', maxBuffer: Infinity },
      (/** @type {any} */ error, /** @type {Buffer} */ stdout) => {
        if (error) reject(error);
        else resolve(expect(stdout.length, megabytes));
      });
  }),
  spawnSync: (cp, megabytes) => () => {
    const { error, stdout } = cp.spawnSync('/bin/dd', zeros(megabytes), { maxBuffer: Infinity });
    if (error) throw error;
    expect(stdout.length, megabytes);
  },
  input: (cp, megabytes) => {
    const input = Buffer.alloc(megabytes * MB, 'x');
    return () => {
      const { error, status } = cp.spawnSync('/bin/cat', { input, stdio: ['pipe', 'ignore', 'ignore'] });
      if (status !== 0) throw error ?? new Error(`status ${status}`);
    };
  },
  stdout: (cp, megabytes) => async () => {
    const child = cp.spawn('/bin/dd', zeros(megabytes), { stdio: ['ignore', 'pipe', 'ignore'] });
    let got = 0;
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
      got += chunk.length;
    });
    await next(child, 'close');
    expect(got, megabytes);
  },
  stdin: (cp, megabytes) => {
    const chunk = Buffer.alloc(MB / 16, 'x');
    return async () => {
      const child = cp.spawn('/bin/cat', { stdio: ['pipe', 'ignore', 'ignore'] });
      const closed = next(child, 'close');
      for (let left = megabytes * 16; left > 0; left--) {
        if (!child.stdin.write(chunk)) await next(child.stdin, 'drain');
      }
      child.stdin.end();
      await closed;
    };
  },
};

const streams = { rate: [atLeast(1), notBehindBun.rate] };

module.exports = {
  title: 'Much data',
  metrics: { rate: { unit: 'MB/s' } },
  variants: [
    {
      id: '64 MB out, execFile', way: 'execFile', megabytes: 64,
      goals: { rate: [atLeast(2.5), notBehindBun.rate] }, chart: '64 MB of output, execFile()',
    },
    {
      id: '64 MB out, spawnSync', way: 'spawnSync', megabytes: 64,
      goals: { rate: [atLeast(3), notBehindBun.rate] }, chart: '64 MB of output, spawnSync()',
    },
    { id: '1 GB out, child.stdout', way: 'stdout', megabytes: 1024, rounds: 6, goals: streams, chart: '1 GB through child.stdout' },
    { id: '256 MB in, child.stdin', way: 'stdin', megabytes: 256, rounds: 6, goals: streams, chart: '256 MB through child.stdin' },
    { id: '64 MB in, spawnSync', way: 'input', megabytes: 64, goals: { rate: [notBehindBun.rate] }, chart: '64 MB of input, spawnSync()' },
  ],

  /** @param {any} task */
  prepare({ cp, quick, variant: { way, megabytes: most } }) {
    const megabytes = quick ? Math.min(most, 128) : most;
    const work = WAYS[way](cp, megabytes);
    return { round: async () => ({ rate: await rate(megabytes, work) }) };
  },
};
