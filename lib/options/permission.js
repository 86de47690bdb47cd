'use strict';

const { builtin } = require('../backend.js');
const { comparesPermissionWords, copiesPermissionFlags } = require('./running-node.js');

/** The permission flags of every Node version; --allow-natives-syntax, V8's, is none of them. */
const PERMISSION_FLAG = /^--(?:permission|allow-(?:fs-(?:read|write)|addons|child-process|wasi|worker|net|inspector|openssl-store|ffi))/;
const SWITCHES = ['--permission', '--permission-audit'];

/** @returns {any} process.permission, which is there only while the permission model is on */
function permission() {
  return /** @type {any} */ (process).permission;
}

/** A descriptor that no process has: a start with it fails before a process is made. */
const NO_DESCRIPTOR = { fd: -1 };

/**
 * Refuses where the permission model does not let this process start others. The decision is Node's
 * own, which checks before anything else and where no code can reach: process.permission.has() can
 * be replaced.
 * @param {string} file
 */
function checkPermission(file) {
  if (permission()) builtin.spawnSync(file || ' ', [], { env: {}, stdio: [/** @type {any} */ (NO_DESCRIPTOR)] });
}

/**
 * Whether the child is already told about permissions.
 * @param {any[]} args
 * @param {string | undefined} nodeOptions
 */
function saysPermission(args, nodeOptions = '') {
  if (!comparesPermissionWords) return args.includes('--permission') || nodeOptions.includes('--permission');
  const words = nodeOptions.split(/\s+/).map((word) => word.replace(/=.*/s, ''));
  return SWITCHES.some((name) => args.includes(name) || words.includes(name));
}

/**
 * NODE_OPTIONS for a child, with the permission flags of this process; undefined = leave it.
 * @param {any[]} args
 * @param {Record<string, any>} env what the child would get
 * @returns {string | undefined}
 */
function inheritPermissionFlags(args, env) {
  if (!copiesPermissionFlags || !permission()) return undefined;
  const nodeOptions = env.NODE_OPTIONS;
  if (saysPermission(args, nodeOptions)) return undefined;
  const flags = process.execArgv.filter((arg) => PERMISSION_FLAG.test(arg));
  if (flags.length === 0) return undefined;
  return [...(nodeOptions ? [nodeOptions] : []), ...flags].join(' ');
}

module.exports = { checkPermission, inheritPermissionFlags };
