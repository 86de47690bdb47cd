'use strict';

// Proves that what would be published works: packs the main package and the one of this platform, lets npm install
// them into an empty project from a registry of our own, without scripts, and uses them there. `--keep` leaves the
// project for a look.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const {
  cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync,
} = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { promisify } = require('node:util');
const { checkGlibc } = require('./package/glibc');
const { root, platformPackages, thisPlatform } = require('./package/platform');
const { serveRegistry } = require('./package/registry');

const work = mkdtempSync(join(tmpdir(), 'rs-child-process-package-'));
const project = join(work, 'project');
const platform = thisPlatform();

async function main() {
  const packed = await step('packs the main package', packMain);
  const binary = await step(`packs ${platform.manifest.name}`, packPlatform);
  // A build on this machine takes this machine's glibc; only a release has to stay below the limit.
  await step('the binary', () => `${kilobytes(platform.binary)}, ${checkGlibc(platform.binary).text}`);
  await step('npm installs both and no other', () => install(packed, binary));

  await step('require', () => use(['-p', 'require("rs-child-process").backend'], /^native$/m));
  await step('import', () => useModule());
  await step('register', () => use(['-r', 'rs-child-process/register', '-p', registered], /^true$/m));
  await step('demo', () => use(['node_modules/rs-child-process/examples/demo.js'], /^All done\.$/m));
  await step('doctor', () => run('npx', ['--no-install', 'rs-child-process', 'doctor'], /^Everything works\.$/m));
  await step('types', types);
  await step('without its binary: the built-in, with a warning', withoutBinary);
}

const registered = 'require("node:child_process").spawn === require("rs-child-process").spawn';

/** As a release does it: the platform packages become optional dependencies of the very same version. */
async function packMain() {
  const stage = join(work, 'main');
  mkdirSync(stage);
  const plain = await pack(root, work);
  await promisify(execFile)('tar', ['-xzf', plain.tarball, '-C', stage, '--strip-components=1']);

  const manifest = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8'));
  manifest.optionalDependencies = Object.fromEntries(
    platformPackages().map(({ manifest: { name, version } }) => [name, version]),
  );
  writeFileSync(join(stage, 'package.json'), JSON.stringify(manifest, null, 2));
  const { tarball, files, size } = await pack(stage, work);

  for (const path of ['index.js', 'index.d.ts', 'register.js', 'lib/native/index.js', 'README.md', 'LICENSE']) {
    assert.ok(files.includes(path), `${path} is not in the package`);
  }
  const strange = files.filter((path) => /\.node$|^(src|scripts|__test__|benches|npm)\//.test(path));
  assert.deepEqual(strange, [], 'files that do not belong into the package');
  for (const script of ['preinstall', 'install', 'postinstall']) assert.equal(manifest.scripts?.[script], undefined);
  return { manifest, tarball, detail: `${files.length} files, ${Math.ceil(size / 1024)} KiB packed` };
}

async function packPlatform() {
  const stage = join(work, platform.target);
  cpSync(platform.dir, stage, { recursive: true });
  cpSync(platform.binary, join(stage, platform.manifest.main));
  const { tarball, size } = await pack(stage, work);
  return { manifest: platform.manifest, tarball, detail: `${Math.ceil(size / 1024)} KiB packed` };
}

async function pack(dir, destination) {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', destination],
    { cwd: dir, maxBuffer: Infinity },
  );
  const parsed = JSON.parse(stdout);
  const [{ filename, files, size }] = Object.values(parsed);
  return { tarball: join(destination, filename), files: files.map(({ path }) => path), size };
}

async function install(main, binary) {
  const others = platformPackages().filter(({ target }) => target !== platform.target);
  const registry = await serveRegistry([main, binary, ...others]);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "empty-project", "private": true }\n');
  try {
    await run('npm', ['install', '--ignore-scripts', 'rs-child-process'], /^/, {
      npm_config_registry: registry.origin,
      npm_config_cache: join(work, 'cache'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    });
  } finally {
    registry.close();
  }
  const expected = [main.manifest.name, binary.manifest.name].sort();
  assert.deepEqual(registry.fetched.sort(), expected);
  assert.deepEqual(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.')).sort(), expected);
  return `out of ${others.length + 1} platforms, ${platform.target}`;
}

function useModule() {
  writeFileSync(
    join(project, 'use.mjs'),
    `import cp, { backend, ChildProcess, spawnSync } from 'rs-child-process';
     console.log(backend, cp.ChildProcess === ChildProcess, String(spawnSync('echo', ['imported']).stdout));`,
  );
  return use(['use.mjs'], /^native true imported$/m);
}

/** The project's own compiler run sees the published types, and @types/node as any user has it. */
async function types() {
  cpSync(join(root, '__test__', 'types'), join(project, 'types'), { recursive: true });
  const config = JSON.parse(readFileSync(join(project, 'types', 'tsconfig.json'), 'utf8'));
  config.include = ['*.cts', '*.mts'];
  writeFileSync(join(project, 'types', 'tsconfig.json'), JSON.stringify(config));
  for (const name of ['@types', 'undici-types']) symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'types'], /^$/);
  return 'CommonJS, ES module, register';
}

async function withoutBinary() {
  rmSync(join(project, 'node_modules', platform.manifest.name), { recursive: true });
  const program = ['-p', 'require("rs-child-process").backend'];
  const fallback = await promisify(execFile)(process.execPath, program, { cwd: project });
  assert.match(fallback.stdout, /^node$/m);
  assert.match(fallback.stderr, /warning/i);

  const env = { ...process.env, RS_CHILD_PROCESS_BACKEND: 'native' };
  const forced = await promisify(execFile)(process.execPath, program, { cwd: project, env }).catch((error) => error);
  assert.ok(forced instanceof Error, 'RS_CHILD_PROCESS_BACKEND=native did not insist');
  assert.match(forced.stderr, new RegExp(platform.manifest.name));
  return 'and an error that names the missing package when native is forced';
}

function use(args, expected) {
  return run(process.execPath, args, expected);
}

async function run(command, args, expected, env = {}) {
  const options = { cwd: project, maxBuffer: Infinity, env: { ...process.env, ...env } };
  const { stdout, stderr } = await promisify(execFile)(command, args, options).catch((error) => {
    throw new Error(`${command} ${args.join(' ')} ended with ${error.code ?? error.signal}\n${error.stdout}${error.stderr}`);
  });
  assert.match(stdout, expected, stderr);
  return expected.source === '^$' ? '' : stdout.match(expected)[0];
}

function kilobytes(path) {
  return `${Math.ceil(statSync(path).size / 1024)} KiB`;
}

async function step(name, action) {
  const result = await action();
  const detail = typeof result === 'string' ? result : result?.detail;
  console.log(`✓ ${name}${detail ? `: ${detail}` : ''}`);
  return result;
}

main()
  .then(() => console.log('\nThe packages work.'))
  .catch((error) => {
    console.error(`✗ ${error.stack}`);
    process.exitCode = 1;
  })
  .finally(() => {
    if (process.argv.includes('--keep')) console.log(`Kept: ${work}`);
    else rmSync(work, { recursive: true, force: true });
  });
