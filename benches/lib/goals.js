'use strict';

// What a figure is held against. `than` is a runtime's key; without one the figure itself is meant.
// A goal looks at the figure as it is: a time is to be at most, a rate at least so many times another.

/** @typedef {{ than?: string, atMost?: number, atLeast?: number }} Goal */

/** @param {number} times @returns {Goal} */
const atMost = (times) => ({ than: 'builtin', atMost: times });

/** @param {number} times @returns {Goal} */
const atLeast = (times) => ({ than: 'builtin', atLeast: times });

/** @param {number} share @returns {Goal} */
const ofFloor = (share) => ({ than: 'floor', atLeast: share });

/** @type {{ time: Goal, rate: Goal }} */
const notBehindBun = { time: { than: 'bun', atMost: 1 }, rate: { than: 'bun', atLeast: 1 } };

/** @param {number} value @returns {Goal} */
const itselfAtMost = (value) => ({ atMost: value });

/**
 * @param {Goal} goal
 * @param {import('./statistics.js').Summary | undefined} measured the ratio, or the figure itself
 * @returns {'met' | 'missed' | 'close' | 'unknown'} close: missed, but by less than the spread
 */
function judge({ atMost: most, atLeast: least }, measured) {
  if (!measured) return 'unknown';
  const { median, p25, p75 } = measured;
  if (most !== undefined && median > most) return p25 <= most ? 'close' : 'missed';
  if (least !== undefined && median < least) return p75 >= least ? 'close' : 'missed';
  return 'met';
}

/**
 * @param {Goal} goal
 * @param {Record<string, string>} labels of the runtimes
 */
function describe({ than, atMost: most, atLeast: least }, labels) {
  const bound = most === undefined ? `≥ ${least}` : `≤ ${most}`;
  return than === undefined ? bound : `${bound} × ${labels[than] ?? than}`;
}

module.exports = { atLeast, atMost, describe, itselfAtMost, judge, notBehindBun, ofFloor };
