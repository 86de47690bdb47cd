'use strict';

const js = require('@eslint/js');
const globals = require('globals');
const node = require('eslint-plugin-n');

module.exports = [
  { ignores: ['lib/native/', 'target/', 'npm/', '**/node_modules/', '**/*.d.ts', '.cache/'] },
  js.configs.recommended,
  node.configs['flat/recommended-script'],
  {
    files: ['**/*.js'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'commonjs', globals: globals.node },
    rules: {
      strict: ['error', 'global'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      'no-var': 'error',
      'object-shorthand': ['error', 'always', { avoidQuotes: true }],
      'prefer-const': 'error',
      'max-lines': ['warn', { max: 250, skipBlankLines: true, skipComments: true }],
      // The addon is built, not checked in.
      'n/no-missing-require': ['error', { allowModules: ['rs-child-process'] }],
      'n/hashbang': 'off',
      'n/no-unpublished-require': 'off',
      'preserve-caught-error': 'off',
      'n/no-process-exit': 'off',
      // `engines` names Node >= 20 as a whole; some of what is used is guarded by a check at run time.
      'n/no-unsupported-features/node-builtins': 'off',
    },
  },
  {
    // The published code runs where child_process runs: nothing beyond Node's own modules.
    files: ['index.js', 'register.js', 'lib/**/*.js', 'bin/**/*.js'],
    rules: { 'n/no-extraneous-require': 'error', 'n/no-unpublished-require': 'error' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: globals.node },
    rules: { 'n/no-missing-import': 'off', 'n/no-process-exit': 'off', 'n/no-unpublished-import': 'off' },
  },
  {
    files: ['__test__/**', 'benches/**', 'examples/**', 'scripts/**'],
    rules: { 'n/no-extraneous-require': 'off', 'max-lines': 'off' },
  },
];
