'use strict';

const { spawn: start } = require('node:child_process');
const fs = require('node:fs');
const { state, tracer } = require('../process/inspect.js');

/**
 * Errors that strace gives instead of carrying a call out: the call, strace's words, and the codes
 * with which a start may fail. '' = it works all the same, by another way or at the second try.
 * `when=1` fails the first call of each thread only, and the first clone is the engine's own trial.
 */
const INJECTIONS = [
  ...['EAGAIN', 'ENOMEM'].map((code) => ({ call: 'clone', words: `error=${code}`, codes: [code] })),
  { call: 'clone', words: 'error=EPERM', codes: ['EPERM'] },
  { call: 'clone', words: 'error=EINVAL:when=1', codes: ['', 'EINVAL'] },
  { call: 'socketpair', words: 'error=EMFILE', codes: ['EMFILE'] },
  { call: 'socketpair', words: 'error=ENFILE', codes: ['ENFILE'] },
  { call: 'socketpair', words: 'error=ENOMEM', codes: ['ENOMEM'] },
  { call: 'socketpair', words: 'error=EMFILE:when=3', codes: ['EMFILE'] },
  { call: 'epoll_ctl', words: 'error=ENOMEM', codes: ['', 'ENOMEM'] },
  { call: 'epoll_ctl', words: 'error=ENOSPC', codes: ['', 'ENOSPC'] },
  { call: 'epoll_create1', words: 'error=EMFILE', codes: ['', 'EMFILE'] },
  { call: 'timerfd_create', words: 'error=ENFILE', codes: ['', 'ENFILE'] },
  { call: 'pidfd_open', words: 'error=ENOSYS', codes: [''] },
  { call: 'pidfd_open', words: 'error=EMFILE', codes: [''] },
  { call: 'pidfd_send_signal', words: 'error=ENOSYS', codes: [''] },
  { call: 'waitid', words: 'error=EINTR:when=1..3', codes: [''] },
  { call: 'waitid', words: 'error=EINVAL:when=1', codes: [''] },
  { call: 'wait4', words: 'error=EINTR:when=1..3', codes: [''] },
  { call: 'execve', words: 'error=ENOMEM', codes: ['ENOMEM'] },
  { call: 'execve', words: 'error=EACCES', codes: ['EACCES'] },
  { call: 'execve', words: 'error=ENOENT', codes: ['ENOENT'] },
  { call: 'execve', words: 'error=EMFILE', codes: ['EMFILE'] },
  { call: 'dup3', words: 'error=EMFILE', codes: ['EMFILE', ''] },
  { call: 'close_range', words: 'error=ENOSYS', codes: [''] },
  { call: 'chdir', words: 'error=ENFILE', codes: ['ENFILE'] },
  { call: 'pipe2', words: 'error=ENFILE', codes: ['', 'ENFILE'] },
  { call: 'eventfd2', words: 'error=ENFILE', codes: ['', 'ENFILE'] },
];

/** Codes after which Node emits an 'error' event; it throws all others. */
const EMITTED = ['EACCES', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOENT'];

/** The first start of a process does more than those that follow. */
const FORMS = [
  { name: 'first start', first: true },
  { name: 'later start', first: false },
];
const ENVS = [
  {},
  { RS_CHILD_PROCESS_LAUNCH: 'fork' },
  { RS_CHILD_PROCESS_WAIT: 'pidfd_open' },
  { RS_CHILD_PROCESS_WAIT: 'thread' },
];

module.exports = {
  fault: '1',
  title: 'system calls of a start failing in turn',
  needs: ['strace'],
  warm: false,

  /** @param {import('../runner/cli.js').Options} options */
  runs({ long }) {
    const envs = long ? ENVS : ENVS.slice(0, 1);
    const forms = long ? FORMS : FORMS.slice(0, 1);
    return INJECTIONS.flatMap(({ call, codes, words }) => forms.flatMap(({ name, first }) => envs.map((env, i) => ({
      name: [`${call} ${words}`, name, ...Object.values(env)].join(', '),
      argument: { call, codes, first, words },
      env,
      packageOnly: i > 0,
    }))));
  },

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { cp, argument: { call, codes, first, words } } = context;
    require('node:net');
    if (!first) await context.warmUp();
    const strace = await attach(context, `-e trace=${call} -e inject=${call}:${words}`.split(' '));
    if (!strace) return;
    const outcome = attempt(cp, call);
    strace.detach(context);
    context.injected();
    let code = outcome.thrown?.code ?? '';
    if (outcome.child) {
      const { errors, code: exitCode } = await context.watch(outcome.child);
      code = errors[0]?.code ?? '';
      if (code === '') context.equal(exitCode, 0, 'the exit code');
      else context.ok(EMITTED.includes(code), `${code} came as an event`);
    } else {
      context.ok(!EMITTED.includes(code), `${code} was thrown`);
    }
    context.ok(codes.includes(code), `'${code}' instead of ${codes.map((one) => `'${one}'`).join(' or ')}`);
    await strace.gone;
    const next = await context.watch(cp.spawn('true'));
    context.equal(next.code, 0, 'the exit code of the next start');
  },
};

/** @param {any} cp @param {string} call @returns {{ child?: any, thrown?: any }} */
function attempt(cp, call) {
  try {
    const child = cp.spawn('true', { cwd: call === 'chdir' ? '/' : undefined });
    if (call === 'pidfd_send_signal') child.kill(0);
    return { child };
  } catch (thrown) {
    return { thrown };
  }
}

/**
 * Lets strace take hold of this process and what it starts.
 * @param {import('../process/context.js').Context} context
 * @param {string[]} args
 */
async function attach(context, args) {
  const strace = start('strace', ['-f', '-qq', '-o', '/dev/null', '-p', String(process.pid), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  strace.stderr.setEncoding('utf8').on('data', (text) => { said += text; });
  const gone = new Promise((resolve) => strace.on('exit', resolve));
  // The loop stands still until strace has let go: libuv aborts when one of its own calls fails.
  context.untilBlocking(() => allTraced(strace.pid) || hasEnded(strace.pid));
  if (hasEnded(strace.pid) || !allTraced(strace.pid)) {
    strace.kill('SIGKILL');
    await gone;
    context.skip(`strace cannot do this here: ${said.trim()}`);
    return undefined;
  }
  return {
    gone,
    /** When it returns, nothing is injected into this thread any more. */
    detach() {
      strace.kill('SIGINT');
      if (!context.untilBlocking(() => tracer('self') === 0)) context.hang('strace does not let go');
    },
  };
}

/** @param {number} pid */
function hasEnded(pid) {
  return (state(pid) ?? 'Z') === 'Z';
}

/** @param {number | undefined} pid */
function allTraced(pid) {
  return fs.readdirSync('/proc/self/task').every((thread) => tracer(`self/task/${thread}`) === pid);
}
