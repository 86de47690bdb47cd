'use strict';

// Runs after `npm install` in a checkout (never for people who install the published package) and builds the addon.

const { spawnSync } = require('node:child_process');

if (process.platform !== 'linux') {
  console.log(`rs-child-process: no native addon for ${process.platform}; this checkout uses node:child_process.`);
  process.exit(0);
}

if (spawnSync('cargo', ['--version'], { stdio: 'ignore' }).error) {
  console.error('rs-child-process: building the addon needs Rust, and `cargo` was not found. See https://rustup.rs');
  process.exit(1);
}

const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
process.exit(status ?? 1);
