'use strict';

/**
 * What a test asks of its runner: the command line flags of its first `// Flags:` comment and the variables of
 * its first `// Env:` comment, both separated by blanks, as Node's own runner reads them.
 *
 * @param {string} text
 * @returns {{ flags: string[], env: Record<string, string> }}
 */
function readDirectives(text) {
  const env = Object.create(null);
  for (const pair of words(text, 'Env')) {
    const at = pair.indexOf('=');
    if (at > 0) env[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return { flags: words(text, 'Flags'), env };
}

/**
 * @param {string} text
 * @param {string} directive
 */
function words(text, directive) {
  const match = new RegExp(`//\\s+${directive}:(.*)`).exec(text);
  return match === null ? [] : match[1].trim().split(/\s+/).filter(Boolean);
}

module.exports = { readDirectives };
