'use strict';

/**
 * Real packages and a real job for each, run by Node with `register` preloaded. `files` are written into an empty
 * project that has `packages` installed; `run` is a command line (`{bin}` = the project's node_modules/.bin), and
 * what it prints must match.
 */
module.exports = [
  {
    name: 'execa: a pipe, input, a failing command, lines, messages',
    packages: ['execa'],
    files: {
      'main.mjs': `
        import { execa, execaNode } from 'execa';
        const piped = await execa('printf', ['b\\\\na\\\\n']).pipe('sort');
        const shouted = await execa({ input: 'quiet' })\`tr a-z A-Z\`;
        const failed = await execa({ reject: false })\`sh -c \${'echo oops >&2; exit 4'}\`;
        const lines = [];
        for await (const line of execa\`seq 3\`) lines.push(line);
        const child = execaNode({ ipc: true })\`child.mjs\`;
        await child.sendMessage({ n: 20 });
        const answer = await child.getOneMessage();
        await child;
        const late = await execa({ timeout: 50, reject: false })\`sleep 30\`;
        console.log(JSON.stringify([piped.stdout, shouted.stdout, failed.exitCode, failed.stderr, lines, answer, late.timedOut]));
      `,
      'child.mjs': `
        import { getOneMessage, sendMessage } from 'execa';
        const { n } = await getOneMessage();
        await sendMessage(n + 1);
      `,
    },
    run: 'node main.mjs',
    prints: /^\["a\\nb","QUIET",4,"oops",\["1","2","3"\],21,true\]$/m,
  },
  {
    name: 'cross-spawn: a script without a shell, a missing command, sync',
    packages: ['cross-spawn'],
    files: {
      'main.js': `
        const spawn = require('cross-spawn');
        const { stdout } = spawn.sync('echo', ['a b', 'c'], { encoding: 'utf8' });
        spawn('no-such-command').on('error', (error) => {
          spawn('cat', ['main.js'], { stdio: ['ignore', 'pipe', 'inherit'] }).on('close', (code) => {
            console.log(stdout.trim(), error.code, code);
          }).stdout.resume();
        });
      `,
    },
    run: 'node main.js',
    prints: /^a b c ENOENT 0$/m,
  },
  {
    name: 'tinyexec: output, lines and a pipe',
    packages: ['tinyexec'],
    files: {
      'main.mjs': `
        import { x } from 'tinyexec';
        const lines = [];
        for await (const line of x('printf', ['one\\\\ntwo\\\\n'])) lines.push(line);
        const piped = await x('printf', ['b\\\\na\\\\n']).pipe('sort');
        console.log(lines.join(), piped.stdout.trim().replace('\\n', ','), piped.exitCode);
      `,
    },
    run: 'node main.mjs',
    prints: /^one,two a,b 0$/m,
  },
  {
    name: 'zx: quoting, pipes, exit codes, kill',
    packages: ['zx'],
    files: {
      'main.mjs': `
        import { $ } from 'zx';
        $.verbose = false;
        const odd = 'a "b" $c';
        const quoted = await $\`printf %s \${odd}\`;
        const count = await $\`seq 100\`.pipe($\`wc -l\`);
        const failed = await $\`exit 5\`.nothrow();
        const slow = $\`sleep 60\`.nothrow();
        setTimeout(() => slow.kill(), 50);
        console.log(quoted.stdout, '|', Number(count.stdout), failed.exitCode, (await slow).signal);
      `,
    },
    run: 'node main.mjs',
    prints: /^a "b" \$c \| 100 5 SIGTERM$/m,
  },
  {
    name: 'mocha --parallel: two worker processes',
    packages: ['mocha'],
    files: Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [
        `test/${name}.js`,
        `const assert = require('assert');
         describe('${name}', () => {
           it('adds', () => assert.equal(1 + 1, 2));
           it('spawns', (done) => require('child_process').exec('echo ${name}', (error, out) => {
             assert.equal(out, '${name}\\n');
             done(error);
           }));
         });`,
      ]),
    ),
    run: 'node node_modules/mocha/bin/mocha.js --parallel --jobs 2',
    prints: /8 passing/,
  },
  {
    name: 'jest: two worker processes',
    packages: ['jest'],
    files: Object.fromEntries([
      ['jest.config.js', 'module.exports = { workerThreads: false };'],
      ...['a', 'b', 'c'].map((name) => [
        `${name}.test.js`,
        `test('in a worker', () => {
           expect(process.env.JEST_WORKER_ID).toMatch(/[12]/);
           expect(String(require('child_process').execFileSync('echo', ['${name}']))).toBe('${name}\\n');
         });`,
      ]),
    ]),
    run: 'node node_modules/jest/bin/jest.js --maxWorkers=2 --ci',
    prints: /Tests: +3 passed, 3 total/,
  },
  {
    name: 'npm: installs a package and runs its scripts',
    packages: ['npm'],
    files: {
      'inner/package.json': JSON.stringify({
        name: 'inner',
        version: '1.0.0',
        scripts: { preparation: 'echo "prepared in $npm_package_name"', hello: 'npm run --silent preparation && node -p "6 * 7"' },
        dependencies: { 'is-number': '7.0.0' },
      }),
    },
    run: [
      'cd inner && node ../node_modules/npm/bin/npm-cli.js install --no-audit --no-fund',
      'node ../node_modules/npm/bin/npm-cli.js run hello',
      'node -p "require(\'is-number\')(5)"',
    ].join(' && '),
    prints: /prepared in inner\n42\ntrue\n/,
  },
];
