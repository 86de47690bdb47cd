'use strict';

const { collectFacts } = require('./facts');
const { runChecks } = require('./checks');

/**
 * Looks at the machine and runs the self-test.
 * @returns what was found; `problems` is empty when all is well
 */
async function examine() {
  const { facts, problems } = collectFacts();
  const checks = facts.backend ? await runChecks(require('../..')) : [];
  for (const { name, ok, detail } of checks) if (!ok) problems.push(`The ${name} check failed: ${detail}`);
  return { ok: problems.length === 0, facts, checks, problems };
}

module.exports = { examine };
