/// <reference types="node" />

/**
 * Node's `child_process`, with the process work done in Rust.
 *
 * Every function has exactly the type that `@types/node` gives it, so this package can stand wherever
 * `node:child_process` stands. What is added: {@link backend} and {@link LaunchError}.
 *
 * @see https://nodejs.org/api/child_process.html
 */

import type * as builtin from 'node:child_process';

// ChildProcess, all option and result types, and whatever else the installed @types/node knows.
export * from 'node:child_process';

/**
 * Starts a command and gives its streams and events.
 * @see https://nodejs.org/api/child_process.html#child_processspawncommand-args-options
 */
export declare const spawn: typeof builtin.spawn;

/**
 * Runs a command in a shell and collects its output.
 * @see https://nodejs.org/api/child_process.html#child_processexeccommand-options-callback
 */
export declare const exec: typeof builtin.exec;

/**
 * Runs a file, without a shell, and collects its output.
 * @see https://nodejs.org/api/child_process.html#child_processexecfilefile-args-options-callback
 */
export declare const execFile: typeof builtin.execFile;

/**
 * Starts a Node program with a channel for messages and handles.
 * @see https://nodejs.org/api/child_process.html#child_processforkmodulepath-args-options
 */
export declare const fork: typeof builtin.fork;

/**
 * Runs a command to its end and returns all about it; the event loop waits.
 * @see https://nodejs.org/api/child_process.html#child_processspawnsynccommand-args-options
 */
export declare const spawnSync: typeof builtin.spawnSync;

/**
 * Runs a command in a shell to its end and returns its stdout; the event loop waits.
 * @see https://nodejs.org/api/child_process.html#child_processexecsynccommand-options
 */
export declare const execSync: typeof builtin.execSync;

/**
 * Runs a file to its end and returns its stdout; the event loop waits.
 * @see https://nodejs.org/api/child_process.html#child_processexecfilesyncfile-args-options
 */
export declare const execFileSync: typeof builtin.execFileSync;

/**
 * Who does the work: `'native'`, the Rust engine, or `'node'`, the built-in `node:child_process`, where there is no
 * binary for the machine. `RS_CHILD_PROCESS_BACKEND=native|node` forces it.
 */
export declare const backend: 'native' | 'node';

/**
 * The `'error'` event of a child that could not be started, and the `error` of a `spawnSync()` result.
 * @see https://nodejs.org/api/child_process.html#event-error
 */
export interface LaunchError extends NodeJS.ErrnoException {
  /** The file that was to be started. */
  path?: string | undefined;
  /** The arguments it was to get. */
  spawnargs?: string[] | undefined;
  /**
   * What failed on the way from `clone` to `exec`; tells a `cwd` that does not exist (`'chdir'`) from a missing
   * file (`'exec'`). Only with the native backend.
   */
  step?: LaunchStep | undefined;
}

/** A step on the way to a running program. */
export type LaunchStep = 'supervise' | 'pipe' | 'clone' | 'stdio' | 'chdir' | 'setgid' | 'setuid' | 'exec';
