'use strict';

const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

/** @returns every platform package of npm/: its target name, its folder and its manifest */
function platformPackages() {
  return readdirSync(join(root, 'npm')).map((target) => {
    const dir = join(root, 'npm', target);
    return { target, dir, manifest: JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) };
  });
}

/** @returns the platform package of this machine, with the path of its freshly built binary */
function thisPlatform() {
  const { header } = /** @type {any} */ (process.report.getReport());
  const target = `${process.platform}-${process.arch}-${header.glibcVersionRuntime ? 'gnu' : 'musl'}`;
  const found = platformPackages().find((platform) => platform.target === target);
  if (!found) throw new Error(`There is no package for ${target}.`);
  const binary = join(root, 'lib', 'native', found.manifest.main);
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run \`npm run build\` first.`);
  return { ...found, binary };
}

module.exports = { root, platformPackages, thisPlatform };
