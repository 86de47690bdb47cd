'use strict';

const { spawn } = require('node:child_process');
const { resolve } = require('node:path');
const { createInterface } = require('node:readline');

const WORKER = resolve(__dirname, '../worker.js');
/** After this long a runtime is taken not to be able to do a case at all. */
const PATIENCE = 60_000;

/** One case in one runtime: a process that does a round whenever it is asked to. */
class WorkerProcess {
  #child;
  #lines;
  #complaints = '';

  /**
   * @param {import('./runtimes.js').Runtime} runtime
   * @param {any} task
   */
  constructor(runtime, task) {
    const [executable, ...flags] = runtime.command;
    const script = runtime.module === undefined ? [] : [WORKER];
    const heap = task.variant.bigHeap ? runtime.bigHeap : [];
    this.#child = spawn(executable, [...flags, ...heap, ...script, JSON.stringify({ ...task, module: runtime.module })], {
      // Should the engine not load, that is not to be measured as if it had.
      env: { ...process.env, RS_CHILD_PROCESS_BACKEND: 'native' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.on('error', () => {});
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (chunk) => {
      this.#complaints = (this.#complaints + chunk).slice(-2000);
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until the case is prepared. */
  async ready() {
    await this.#answer();
  }

  /** @returns {Promise<Record<string, number[]>>} the samples of each metric */
  async round() {
    this.#child.stdin.write('round\n');
    return (await this.#answer()).samples;
  }

  async close() {
    const gone = this.#child.exitCode === null && this.#child.signalCode === null &&
      new Promise((done) => this.#child.once('close', done));
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    await gone;
    clearTimeout(timer);
  }

  kill() {
    this.#child.kill('SIGKILL');
  }

  /** @returns {Promise<any>} */
  async #answer() {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.kill();
    }, PATIENCE);
    try {
      for (;;) {
        const { done, value } = await this.#lines.next();
        if (done) throw new Error(isLate ? `no answer within ${PATIENCE / 1000} s` : this.#complaints.trim() || 'ended by itself');
        // A runtime may have something to say on its own; answers are objects.
        if (!value.startsWith('{')) continue;
        const answer = JSON.parse(value);
        if (answer.error) throw new Error(answer.error);
        return answer;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

module.exports = { WorkerProcess };
