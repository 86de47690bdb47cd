'use strict';

const { codes } = require('../errors.js');
const { isInt32 } = require('./validate.js');

const NUL = '\0';

/**
 * Strings for the engine: each as Node would turn it into one, in one string to cross the boundary
 * with.
 * @param {any[] | undefined} values
 * @param {string} name
 */
function join(values, name) {
  if (values === undefined) return undefined;
  return Array.from(values, (value, i) => toText(value, `${name}[${i}]`)).join(NUL);
}

/**
 * @param {any} value
 * @param {string} name
 * @returns {string}
 */
function toText(value, name) {
  const text = `${value}`;
  if (text.includes(NUL)) {
    throw new codes.ERR_INVALID_ARG_VALUE(name, text, 'must be a string without null bytes');
  }
  return text;
}

/**
 * @param {any} id
 * @param {string} name
 * @returns {number | undefined} as the kernel's unsigned number
 */
function toId(id, name) {
  if (id == null) return undefined;
  if (!isInt32(id)) throw new codes.ERR_INVALID_ARG_TYPE(name, 'int32', id);
  return id >>> 0;
}

/**
 * The part of the engine's spawn options that spawn() and spawnSync() share.
 * @param {Record<string, any>} options as from normalizeSpawnOptions()
 * @param {number[]} stdio a number per descriptor of the child
 * @param {string[]} [channelEnv] variables that override the others
 */
function toCommand(options, stdio, channelEnv) {
  const { args, cwd } = options;
  return {
    __proto__: null,
    file: toText(options.file, 'options.file'),
    args: args?.length > 0 ? join(args, 'options.args') : undefined,
    env: Array.isArray(options.envPairs) ? join(options.envPairs, 'options.envPairs') : undefined,
    channelEnv: join(channelEnv, 'channelEnv'),
    cwd: cwd == null ? undefined : toText(cwd, 'options.cwd') || undefined,
    stdio,
    detached: Boolean(options.detached),
    uid: toId(options.uid, 'options.uid'),
    gid: toId(options.gid, 'options.gid'),
  };
}

module.exports = { toCommand };
