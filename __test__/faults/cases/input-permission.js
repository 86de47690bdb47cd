'use strict';

const { spawnSync } = require('node:child_process');

const CALLS = {
  __proto__: null,
  spawn: 'cp.spawn("true")', exec: 'cp.exec("true")', execFile: 'cp.execFile("true")', fork: 'cp.fork("x.js")',
  spawnSync: 'cp.spawnSync("true")', execSync: 'cp.execSync("true")', execFileSync: 'cp.execFileSync("true")',
  'ChildProcess.spawn': 'new cp.ChildProcess().spawn({ file: "true", args: ["true"], stdio: [] })',
};

module.exports = {
  fault: 'input',
  title: 'the permission model cannot be passed by',

  /** @param {import('../process/context.js').Context} context */
  async run(context) {
    const major = Number.parseInt(process.versions.node, 10);
    const model = major < 23 ? '--experimental-permission' : '--permission';
    const addons = process.allowedNodeEnvironmentFlags.has('--allow-addons') ? ['--allow-addons'] : [];
    for (const [name, call] of Object.entries(CALLS)) {
      for (const tamper of ['', 'process.permission.has = () => true;', 'try { Object.defineProperty(process, "permission", { value: undefined }); } catch {}']) {
        // What tampers with a process may as well do anything else in it; Node holds, so should we.
        const script = `const cp = require(${JSON.stringify(context.modulePath)}); ${tamper}
          try { ${call}; } catch (error) { process.exit(error.code === 'ERR_ACCESS_DENIED' ? 42 : 43); }`;
        const { status, stderr } = spawnSync(process.execPath, [model, ...addons, '--allow-fs-read=*', '-e', script], { encoding: 'utf8' });
        context.injected();
        if (status !== 42) context.wrong(`${name}${tamper && `, ${tamper}`}: exit code ${status} ${stderr.split('\n').find((line) => /Error/.test(line)) ?? ''}`);
      }
    }
  },
};
