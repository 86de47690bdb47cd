'use strict';

/** The order in which they run and are printed. */
const NAMES = [
  'spawn-blocks', 'spawn-close', 'exec', 'sync', 'bulk', 'fork',
  'ipc-round-trip', 'ipc-flood', 'ipc-huge', 'ipc-handles', 'many-children',
];

/**
 * @param {RegExp} filter
 * @returns {{ bench: any, variant: any, name: string }[]} the measurements whose name matches
 */
function selectMeasurements(filter) {
  return NAMES.flatMap((name) => {
    const bench = { name, ...require(`../cases/${name}.js`) };
    return bench.variants.map((/** @type {any} */ variant) => ({ bench, variant, name: `${name}: ${variant.id}` }));
  }).filter(({ name }) => filter.test(name));
}

module.exports = { selectMeasurements };
