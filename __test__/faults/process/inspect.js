'use strict';

/** What the kernel says about this process: its descriptors, its children, its memory. */

const fs = require('node:fs');

/**
 * Open descriptors by number, with what they are.
 * @returns {Map<number, string>}
 */
function descriptors() {
  const open = new Map();
  for (const name of fs.readdirSync('/proc/self/fd')) {
    try {
      open.set(Number(name), fs.readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      // The one that listed the folder.
    }
  }
  return open;
}

/**
 * The fields of /proc/PID/stat that follow the name: state, parent, …
 * @param {number | string} pid
 * @returns {string[] | undefined} undefined if there is no such process
 */
function stat(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
  } catch {
    return undefined;
  }
}

/**
 * 'R', 'S', 'Z' …, or undefined for a process that does not exist.
 * @param {number} pid
 */
function state(pid) {
  return stat(pid)?.[0];
}

/**
 * The children of this process.
 * @returns {{ pid: number, state: string, name: string }[]}
 */
function children() {
  const found = [];
  for (const entry of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = stat(entry);
    if (fields && Number(fields[1]) === process.pid) found.push({ pid: Number(entry), state: fields[0], name: command(entry) });
  }
  return found;
}

/** @param {string} pid */
function command(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '?';
  }
}

/**
 * Who traces a process or thread; 0 = nobody.
 * @param {string} path below /proc
 */
function tracer(path) {
  try {
    return Number(/^TracerPid:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${path}/status`, 'latin1'))?.[1]);
  } catch {
    return undefined;
  }
}

/** Resident memory in bytes. */
function resident() {
  return process.memoryUsage.rss();
}

/** Number of threads of this process. */
function threads() {
  return fs.readdirSync('/proc/self/task').length;
}

module.exports = { children, descriptors, resident, stat, state, threads, tracer };
