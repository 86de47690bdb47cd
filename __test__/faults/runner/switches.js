'use strict';

/** The engine's switches: a run of a case under each of its paths. */

/** @typedef {import('./cases.js').Run} Run */

/** @type {Run[]} */
const PATHS = [
  { name: 'default' },
  { name: 'launch fork', env: { RS_CHILD_PROCESS_LAUNCH: 'fork' }, packageOnly: true },
  { name: 'wait pidfd_open', env: { RS_CHILD_PROCESS_WAIT: 'pidfd_open' }, packageOnly: true },
  { name: 'wait thread', env: { RS_CHILD_PROCESS_WAIT: 'thread' }, packageOnly: true },
];

/**
 * @param {Run[]} runs
 * @returns {Run[]} each of them under each path
 */
function underEachPath(runs = [{}]) {
  return PATHS.flatMap((path) => runs.map((run) => ({
    ...run,
    name: [run.name, path === PATHS[0] ? '' : path.name].filter(Boolean).join(', '),
    env: { ...run.env, ...path.env },
    packageOnly: run.packageOnly || path.packageOnly,
  })));
}

module.exports = { PATHS, underEachPath };
