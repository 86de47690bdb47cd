'use strict';

const [major, minor] = process.versions.node.split('.').map(Number);

/**
 * Where the Node versions differ, as facts about the one that runs. Found by running the binaries
 * of 20, 22, 24 and 26.
 */
module.exports = {
  /** timeout, maxBuffer, uid and gid are refused with the texts of the common number checks. */
  checksNumbersUniformly: major >= 26,
  /** util.promisify(exec).name is 'exec', not ''. */
  namesPromisified: major >= 22,
  /** Without output, spawnSync() leaves stdout and stderr undefined, not null. */
  syncOutputUndefined: major >= 22,
  /** The permission flags of this process go into the child's NODE_OPTIONS. */
  copiesPermissionFlags: major >= 22,
  /** --permission-audit exists, and permission flags in NODE_OPTIONS are compared as whole words. */
  comparesPermissionWords: major >= 24,
  /** Arguments together with a shell are warned about. */
  warnsOfShellArguments: major >= 24,
  /** The tracing channel 'child_process.spawn' exists. */
  tracesSpawn: major >= 24,
  /** This package's own lower limit. */
  supported: major >= 20,
  major,
  minor,
};
