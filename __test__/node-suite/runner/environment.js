'use strict';

/** Variables of this process that would change what a test sees. */
const PRIVATE = /^(?:NODE_|npm_|TEST_)/;

/**
 * The environment of a test: this process's, without what was meant for this process or its runner, plus what
 * test/common of Node and the test's own `// Env:` line ask for.
 *
 * @param {object} options
 * @param {string} options.scratch folder for the test's temporary files
 * @param {boolean} options.foreignTree the tests belong to another major version than the Node that runs them
 * @param {Record<string, string>} options.env
 * @returns {Record<string, string | undefined>}
 */
function testEnvironment({ scratch, foreignTree, env }) {
  const inherited = Object.entries(process.env).filter(([name]) => !PRIVATE.test(name));
  return {
    ...Object.fromEntries(inherited),
    NODE_TEST_DIR: scratch,
    TEST_THREAD_ID: '0',
    TEST_SERIAL_ID: '0',
    TEST_PARALLEL: '0',
    GITHUB_STEP_SUMMARY: '',
    // A newer Node has globals that the check in an older test/common takes for leaks.
    ...(foreignTree ? { NODE_TEST_KNOWN_GLOBALS: '0' } : {}),
    ...env,
  };
}

module.exports = { testEnvironment };
