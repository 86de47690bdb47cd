'use strict';

const assert = require('node:assert/strict');
const builtin = require('node:child_process');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { test } = require('node:test');

const root = join(__dirname, '..', '..');
const read = (path) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

test('the exports are those of node:child_process and backend', () => {
  const ours = require('rs-child-process');
  const names = Object.keys(builtin).filter((name) => name !== '_forkChild');
  assert.deepEqual(Object.keys(ours).filter((name) => name !== '_forkChild').sort(), [...names, 'backend'].sort());
});

test('an ES module can import each of them by its name', async () => {
  const namespace = await import('rs-child-process');
  const missing = Object.keys(require('rs-child-process')).filter((name) => !(name in namespace));
  assert.deepEqual(missing, []);
});

test('index.d.ts declares every function of its own', () => {
  const declared = [...read('index.d.ts').matchAll(/^export declare const (\w+)/gm)].map((match) => match[1]);
  const functions = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'];
  assert.deepEqual(declared.sort(), ['backend', ...functions]);
});

test('index.d.ts knows the steps that the engine knows', () => {
  const [, type] = read('index.d.ts').match(/^export type LaunchStep = (.*);$/m);
  const names = read('src/sys/launch/mod.rs').matchAll(/^ +Self::\w+ => "(\w+)",$/gm);
  assert.deepEqual(type.replaceAll("'", '').split(' | '), [...names].map((match) => match[1]));
});

test('crate, package and platform packages have one version', () => {
  assert.equal(read('Cargo.toml').match(/^version = "(.*)"$/m)[1], manifest.version);
  for (const target of readdirSync(join(root, 'npm'))) {
    assert.equal(JSON.parse(read(`npm/${target}/package.json`)).version, manifest.version, target);
  }
  const [, newest] = read('CHANGELOG.md').match(/^## (\S+)/m);
  assert.ok([manifest.version, 'Unreleased'].includes(newest), `CHANGELOG.md begins with ${newest}`);
});

test('there is a platform package for every target, limited to its platform', () => {
  const cpu = { x86_64: 'x64', aarch64: 'arm64' };
  const expected = manifest.napi.targets.map((target) => {
    const [arch, , , abi] = target.split('-');
    return { name: `linux-${cpu[arch]}-${abi}`, os: ['linux'], cpu: [cpu[arch]], libc: [abi === 'gnu' ? 'glibc' : 'musl'] };
  });
  for (const { name, os, cpu: arch, libc } of expected) {
    const platform = JSON.parse(read(`npm/${name}/package.json`));
    assert.deepEqual([platform.os, platform.cpu, platform.libc], [os, arch, libc], name);
    assert.equal(platform.name, `${manifest.name}-${name}`);
    assert.deepEqual(platform.files, [`${manifest.napi.binaryName}.${name}.node`]);
  }
  assert.deepEqual(readdirSync(join(root, 'npm')).sort(), expected.map(({ name }) => name).sort());
});

test('nothing is needed at run time, and nothing runs at install time', () => {
  assert.equal(manifest.dependencies, undefined);
  for (const script of ['preinstall', 'install', 'postinstall']) assert.equal(manifest.scripts[script], undefined, script);
});

test('the lock file names no registry', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
});
