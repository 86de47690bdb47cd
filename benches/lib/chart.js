'use strict';

// Draws how many times the built-in's speed each runtime reaches, as an SVG that follows the
// reader's colour scheme and brings its own background.

const echarts = require('echarts');

/** The colours on a light background, and what becomes of each on a dark one. */
const COLOURS = {
  background: ['#ffffff', '#0d1117'],
  text: ['#1f2328', '#e6edf3'],
  faint: ['#59636e', '#9198a1'],
  grid: ['#d8dee4', '#2f353d'],
  ours: ['#cf4a0c', '#ff8a4c'],
  bun: ['#8250df', '#b78aff'],
  deno: ['#1a7f74', '#4cc9b8'],
  node: ['#1f6feb', '#6cb0ff'],
  floor: ['#6e7781', '#a8b1bb'],
};

const light = Object.fromEntries(Object.entries(COLOURS).map(([name, [colour]]) => [name, colour]));

const ROW = 30;
const WIDTH = 860;
const MARGIN = { top: 92, bottom: 66, left: 262, right: 52 };

/**
 * @param {any} result
 * @param {string} key
 * @returns {number | undefined} how many times as fast as the built-in
 */
function speed(result, key) {
  const ratio = result.runtimes[key]?.toBuiltin?.median;
  return ratio && (result.isRate ? ratio : 1 / ratio);
}

/** @param {string} key of a runtime */
function look(key) {
  const [kind] = key.split(':');
  if (kind === 'ours') return { colour: light.ours, symbol: 'circle', size: 14 };
  if (kind === 'floor') return { colour: light.floor, symbol: 'rect', size: [3, 18] };
  const symbols = { bun: 'rect', deno: 'triangle', node: 'diamond' };
  return { colour: light[kind] ?? light.node, symbol: symbols[/** @type {keyof symbols} */ (kind)] ?? 'diamond', size: 9 };
}

/**
 * @param {any} runtime
 * @param {any[]} rows results with a place in the chart
 */
function seriesOf({ key, label }, rows) {
  const { colour, size, symbol } = look(key);
  const isOurs = key === 'ours';
  const points = rows.map((row, i) => [speed(row, key), i]).filter(([value]) => value !== undefined);
  return {
    name: label, type: 'scatter', data: points, symbol, symbolSize: size, color: colour, z: isOurs ? 3 : 2,
    label: {
      show: isOurs, position: 'top', distance: 3, fontSize: 11, fontWeight: 'bold', color: colour,
      formatter: (/** @type {any} */ { value }) => `${value[0].toPrecision(value[0] < 10 ? 2 : 3).replace(/\.0$/, '')}×`,
    },
    // The built-in itself: the line at one.
    markLine: isOurs ? {
      silent: true, symbol: 'none', data: [{ xAxis: 1 }], lineStyle: { color: light.text, width: 1.5, type: 'solid' },
      label: { formatter: 'built-in', position: 'start', color: light.text, fontSize: 12 },
    } : undefined,
  };
}

/** @param {any} results */
function optionOf({ machine, quick, results, runtimes }, /** @type {any[]} */ rows) {
  const node = runtimes.find((/** @type {any} */ { key }) => key === 'builtin').version;
  const drawn = runtimes.filter((/** @type {any} */ { key }) => key !== 'builtin' && results.some((/** @type {any} */ row) => speed(row, key)));
  const speeds = rows.flatMap((row) => drawn.map((/** @type {any} */ { key }) => speed(row, key) ?? 1));
  // From one power of two to another, with room for the figures at the points.
  const [min, max] = [2 ** Math.floor(Math.log2(Math.min(...speeds) * 0.9)), 2 ** Math.ceil(Math.log2(Math.max(...speeds) * 1.1))];
  return {
    animation: false,
    backgroundColor: light.background,
    textStyle: { fontFamily: 'system-ui, Helvetica, Arial, sans-serif' },
    title: {
      text: `Times the speed of node:child_process, Node ${node}`, left: 16, top: 12,
      textStyle: { color: light.text, fontSize: 16 },
    },
    legend: {
      data: drawn.map((/** @type {any} */ { label }) => label), left: 12, top: 40, itemGap: 18, itemWidth: 12, itemHeight: 12,
      textStyle: { color: light.text, fontSize: 12 },
    },
    grid: MARGIN,
    xAxis: {
      type: 'log', min, max, logBase: 2, splitNumber: Math.log2(max / min),
      name: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}. Logarithmic; further right is faster.` +
        (quick ? ' Quick run.' : ''),
      nameLocation: 'middle', nameGap: 34, nameTextStyle: { color: light.faint, fontSize: 11 },
      axisLabel: { formatter: (/** @type {number} */ value) => `${value}×`, color: light.faint },
      splitLine: { lineStyle: { color: light.grid } },
    },
    yAxis: {
      type: 'category', inverse: true, data: rows.map(({ chart }) => chart), axisTick: { show: false },
      axisLine: { show: false }, axisLabel: { color: light.text, fontSize: 12 },
      splitLine: { show: true, lineStyle: { color: light.grid, type: 'dotted' } },
    },
    series: drawn.map((/** @type {any} */ runtime) => seriesOf(runtime, rows)),
  };
}

/** Rules that exchange the colours, which are attributes, where the reader's scheme is dark. */
function darkStyle() {
  const rules = Object.values(COLOURS).flatMap(([day, night]) =>
    ['fill', 'stroke'].map((paint) => `[${paint}="${day}"]{${paint}:${night}}`));
  return `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`;
}

/**
 * @param {any} results as from toResults()
 * @returns {string} an SVG
 */
function drawChart(results) {
  const rows = results.results.filter((/** @type {any} */ row) => row.chart && speed(row, 'ours'));
  const height = rows.length * ROW + MARGIN.top + MARGIN.bottom;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption(optionOf(results, rows));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.replace(/(<svg[^>]*>)/, `$1${darkStyle()}`);
}

module.exports = { drawChart };
