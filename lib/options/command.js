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
  let joined = '';
  for (let i = 0; i < values.length; i++) joined += (i > 0 ? NUL : '') + toText(values[i], name, i);
  return joined;
}

/**
 * @param {any} value
 * @param {string} name
 * @param {number} [i] its place, if it is one of several
 * @returns {string}
 */
function toText(value, name, i) {
  const text = `${value}`;
  if (text.includes(NUL)) {
    const place = i === undefined ? name : `${name}[${i}]`;
    throw new codes.ERR_INVALID_ARG_VALUE(place, text, 'must be a string without null bytes');
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
