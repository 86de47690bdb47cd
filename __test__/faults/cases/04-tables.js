'use strict';

const fs = require('node:fs');
const { underEachPath } = require('../runner/switches.js');

/** A number beyond what select(2) and small tables can hold. */
const ABOVE = 3000;

/** Tables of numbers: they swap, rotate, repeat, and use the places of others. */
const TABLES = [
  [0, 1, 2], [1, 0, 2], [2, 2, 2], [2, 0, 1], [1, 2, 0], [0, 0, 0, 0],
  ['pipe', 'pipe', 'pipe'], ['ignore', 'ignore', 'ignore'], ['pipe', 'ignore', 2], [0, 'pipe', 'pipe', 'pipe', 0],
  ['a', 'b', 'c'], ['c', 'b', 'a', 2, 1, 0], ['a', 'a', 'b', 'b', 'a'], ['ignore', 'a', 'ignore', 'ignore', 'b'],
  ['high', 'ignore', 'high', 'high'], ['pipe', 'high', 'a', 'pipe', 'high'],
];

module.exports = {
  fault: '4',
  title: 'stdio tables that swap and overlap, descriptors above 1024',
  needs: ['cc'],
  seconds: 120,
  runs: () => underEachPath(),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { native } = context;
    const names = { a: open(context, 'a'), b: open(context, 'b'), c: open(context, 'c'), high: 0 };
    names.high = native.duplicate(names.a, ABOVE);
    context.equal(names.high, ABOVE, 'a descriptor above 1024');
    const random = generator(20);
    const tables = [...TABLES, ...low(names), ...Array.from({ length: context.long ? 300 : 40 }, () => randomTable(random, names))];
    for (const table of tables) await check(context, table.map((slot) => names[slot] ?? slot));
    for (const fd of Object.values(names)) fs.closeSync(fd);
  },
};

/** @param {any} context @param {string} name */
function open(context, name) {
  return fs.openSync(context.scratch(name), 'w+');
}

/** Tables in which files stand on each other's places. @param {Record<string, number>} names */
function low({ a, b, c }) {
  const wide = Array.from({ length: Math.max(a, b, c) + 2 }, () => 'ignore');
  const swapped = [...wide];
  [swapped[a], swapped[b]] = [b, a];
  const rotated = [...wide];
  [rotated[a], rotated[b], rotated[c]] = [b, c, a];
  const pipeOnIt = [...wide];
  [pipeOnIt[a], pipeOnIt[b]] = ['pipe', a];
  // So many that the parent's ends of pipes have numbers within the table.
  return [swapped, rotated, pipeOnIt, Array.from({ length: 40 }, (_value, i) => (i % 3 ? 'pipe' : a)), Array.from({ length: 60 }, () => 'pipe')];
}

/** @param {() => number} random @param {Record<string, number>} names */
function randomTable(random, names) {
  const pool = ['pipe', 'ignore', 0, 1, 2, ...Object.values(names)];
  return Array.from({ length: 3 + Math.floor(random() * 30) }, () => pool[Math.floor(random() * pool.length)]);
}

/** The same numbers in every run. @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
}

/** @param {import('../process/context.js').Context} context @param {any[]} table */
async function check(context, table) {
  const report = context.scratch('report');
  context.injected();
  const child = context.cp.spawn(context.tool('fd-report'), [report], { stdio: table });
  const { code, errors } = await context.watch(child, { collect: false });
  if (code !== 0) return context.wrong(`${table}: ${errors[0]?.message ?? `exit code ${code}`}`);
  const got = new Map(fs.readFileSync(report, 'utf8').trim().split('\n').map((line) => {
    const [fd, device, inode] = line.split(' ').map(Number);
    return [fd, `${device}:${inode}`];
  }));
  const nothing = identity(fs.statSync('/dev/null'));
  for (const [fd, slot] of table.entries()) {
    const is = got.get(fd);
    got.delete(fd);
    if (typeof slot === 'number') context.equal(is, identity(fs.fstatSync(slot)), `${fd} of [${table}]`);
    else if (slot === 'pipe') context.ok(is && is !== nothing, `${fd} of [${table}] is no pipe but ${is}`);
    else context.equal(is, fd < 3 ? nothing : undefined, `${fd} of [${table}]`);
  }
  // The built-in lets children have what others opened for them; that is for another case to say.
  if (!context.isPackage) got.clear();
  if (got.size > 0) context.wrong(`[${table}]: the child got ${[...got.keys()]}, too`);
}

/** @param {fs.Stats} status */
function identity({ dev, ino }) {
  return `${dev}:${ino}`;
}
