'use strict';

/*
 * node closed-stdio.js MODULE REPORT: started with standard streams closed, it starts children in
 * every manner and writes down what came of it.
 */

const fs = require('node:fs');

const [, , modulePath, report] = process.argv;
const cp = require(modulePath);

const SPEAK = 'read line; printf "%s:out" "$line"; printf err >&2; exit';

/** @param {any} child @returns {Promise<any>} */
function lifeOf(child) {
  const seen = { stdout: '', stderr: '' };
  child.stdout?.on('data', (/** @type {Buffer} */ data) => { seen.stdout += data; });
  child.stderr?.on('data', (/** @type {Buffer} */ data) => { seen.stderr += data; });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (/** @type {number} */ code) => resolve({ code, ...seen }));
  });
}

async function main() {
  const piped = cp.spawn('sh', ['-c', `${SPEAK} 3`]);
  const pipes = lifeOf(piped);
  piped.stdin.end('in\n');
  const list = `${report}.list`;
  // The shell itself lists what it has: no command of its own may add to it.
  const listing = `for fd in 0 1 2; do if [ -e /proc/$$/fd/$fd ]; then echo $fd; fi; done >"${list}"; exit 4`;
  const { code } = await lifeOf(cp.spawn('sh', ['-c', listing], { stdio: 'inherit' }));
  const { status, stdout, stderr } = cp.spawnSync('sh', ['-c', `${SPEAK} 6`], { input: 'in\n', encoding: 'utf8' });
  fs.writeFileSync(report, JSON.stringify({
    pipes: await pipes,
    inherit: { code, open: fs.readFileSync(list, 'utf8').trim().split('\n') },
    ignore: { code: (await lifeOf(cp.spawn('sh', ['-c', 'cat; echo x; exit 5'], { stdio: 'ignore' }))).code },
    sync: { status, stdout, stderr },
    exec: await new Promise((resolve) => cp.exec('printf out; printf err >&2', (_error, out, err) => resolve({ stdout: out, stderr: err }))),
  }));
}

main().then(() => process.exit(0), () => process.exit(9));
