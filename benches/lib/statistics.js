'use strict';

/**
 * @param {number[]} sorted ascending, not empty
 * @param {number} share 0 to 1
 */
function quantile(sorted, share) {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} p25
 * @property {number} p75
 * @property {number} spread half the distance between the quartiles, as a share of the median
 */

/**
 * @param {number[]} values
 * @returns {Summary}
 */
function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [p25, median, p75] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
  return { median, p25, p75, spread: median === 0 ? 0 : (p75 - p25) / 2 / Math.abs(median) };
}

/** @param {number[]} values */
function median(values) {
  return summarize(values).median;
}

/**
 * The ratio of two runtimes, taken within each round and summed up over the rounds: what slows the
 * machine down for a while slows both down and leaves the ratio as it is.
 * @param {(number | undefined)[]} of a value per round
 * @param {(number | undefined)[]} to
 * @returns {Summary | undefined} undefined where no round has both
 */
function ratio(of, to) {
  const ratios = [];
  for (let i = 0; i < Math.min(of.length, to.length); i++) {
    const [a, b] = [of[i], to[i]];
    if (a !== undefined && b) ratios.push(a / b);
  }
  return ratios.length > 0 ? summarize(ratios) : undefined;
}

module.exports = { median, ratio, summarize };
