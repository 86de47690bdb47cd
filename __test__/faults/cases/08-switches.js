'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const LAUNCH = ['vfork', 'fork'];
const WAIT = ['pidfd', 'pidfd_open', 'thread'];

module.exports = {
  fault: '8',
  title: 'no pidfd, no shared memory, clone refused: each path forced',
  packageOnly: 'it has no such switches',
  seconds: 60,
  secondsLong: 900,
  runs: () => LAUNCH.flatMap((launch) => WAIT.map((wait) => ({
    name: `${launch} ${wait}`,
    argument: { launch, wait },
    env: { RS_CHILD_PROCESS_LAUNCH: launch, RS_CHILD_PROCESS_WAIT: wait },
  }))),

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const { argument: { launch, wait }, cp, long, packageDir } = context;
    const native = require(path.join(packageDir, 'lib/native'));
    context.equal([native.launchPath(), native.waitPath()], [launch, wait], 'the path in use');
    context.injected();
    await battery(context, cp);
    if (!long) return;
    // The whole JavaScript suite under this path, long suites excepted.
    const { status, stdout } = spawnSync(process.execPath, [path.join(packageDir, 'scripts/test.js')], {
      cwd: packageDir, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    const failed = [...stdout.matchAll(/^\s*✖ (.*?) \([\d.]+ms\)$/gm)].map(([, name]) => name);
    if (status !== 0) context.wrong(`the JavaScript suite: ${[...new Set(failed)].join('; ') || `exit code ${status}`}`);
  },
};

/**
 * What every path must do alike.
 * @param {import('../process/context.js').Context} context
 * @param {any} cp
 */
async function battery(context, cp) {
  const life = async (/** @type {any} */ ...args) => {
    const { code, errors, signal, text } = await context.watch(cp.spawn(...args));
    return [errors[0]?.code ?? code ?? signal, text];
  };
  context.equal(await life('echo', ['text']), [0, 'text\n'], 'echo');
  context.equal(await life('sh', ['-c', 'exit 9']), [9, ''], 'an exit code');
  context.equal(await life('sh', ['-c', 'kill -9 $$']), ['SIGKILL', ''], 'a signal');
  context.equal(await life('pwd', [], { cwd: '/usr' }), [0, '/usr\n'], 'cwd');
  context.equal(await life('pwd', [], { cwd: '/nowhere' }), ['ENOENT', ''], 'a missing cwd');
  context.equal(await life('/no/such/file'), ['ENOENT', ''], 'a missing file');
  context.equal(await life('/'), ['EACCES', ''], 'a folder');
  context.equal(await life('env', [], { env: { A: '1' } }), [0, 'A=1\n'], 'env');
  context.equal(await life('sh', ['-c', 'ps -o sid= -p $$ | tr -d " "; echo $$'], { detached: true })
    .then(([, text]) => new Set(text.trim().split('\n')).size), 1, 'a session of its own');
  if (process.getuid?.() === 0) {
    context.equal(await life('id', ['-G'], { uid: 65534, gid: 65534 }), [0, '65534\n'], 'groups');
  }
  const child = cp.spawn('sleep', ['30']);
  const end = context.watch(child);
  context.ok(child.kill('SIGINT'), 'kill');
  context.equal((await end).signal, 'SIGINT', 'kill');
  const { status, stdout } = cp.spawnSync('cat', { input: 'x'.repeat(300_000) });
  context.equal([status, stdout.length], [0, 300_000], 'spawnSync');
  context.equal(cp.spawnSync('sleep', ['30'], { timeout: 100 }).error?.code, 'ETIMEDOUT', 'spawnSync with a timeout');
  const many = await Promise.all(Array.from({ length: 50 }, (_value, i) => life('sh', ['-c', `exit ${i}`])));
  context.equal(many.map(([code]) => code), many.map((_result, i) => i), 'fifty at once');
}
