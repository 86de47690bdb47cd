'use strict';

const fs = require('node:fs');

/**
 * Processes a test has left behind: those in its process group or session, and those that carry its scratch folder
 * in their environment (a detached child has a group of its own). Linux only, as /proc is.
 *
 * @param {number} leader pid of the test
 * @param {string} scratch
 * @returns {number[]}
 */
function findLeftovers(leader, scratch) {
  if (!fs.existsSync('/proc/self/stat')) return [];
  const marker = `NODE_TEST_DIR=${scratch}\0`;
  return fs.readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && belongs(pid, leader, marker));
}

/**
 * @param {number} pid
 * @param {number} leader
 * @param {string} marker
 */
function belongs(pid, leader, marker) {
  try {
    // What follows the name, which may hold blanks and parentheses itself: state, ppid, pgrp, session.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    if (stat[0] === 'Z') return false;
    if (Number(stat[2]) === leader || Number(stat[3]) === leader) return true;
    return fs.readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker);
  } catch {
    return false; // gone, or another user's
  }
}

/** @param {number[]} pids */
function killAll(pids) {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone by itself
    }
  }
}

module.exports = { findLeftovers, killAll };
