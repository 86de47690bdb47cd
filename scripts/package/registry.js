'use strict';

const { createHash } = require('node:crypto');
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const { once } = require('node:events');

/**
 * A package registry that knows a handful of packed packages and nothing else, so that an install from it can prove
 * what npm takes for this machine before anything is published.
 * @param {Array<{ manifest: any, tarball?: string }>} packages a package without a tarball can be looked up but not fetched
 */
async function serveRegistry(packages) {
  const fetched = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url.slice(1)).replace(/\.tgz$/, '');
    const found = packages.find(({ manifest }) => manifest.name === name);
    if (!found) return response.writeHead(404).end('{}');
    if (!request.url.endsWith('.tgz')) return response.end(JSON.stringify(packument(found, origin())));
    fetched.push(name);
    return found.tarball ? response.end(readFileSync(found.tarball)) : response.writeHead(404).end();
  });
  const origin = () => `http://127.0.0.1:${server.address().port}`;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: origin(), fetched, close: () => server.close() };
}

function packument({ manifest, tarball }, origin) {
  const dist = { tarball: `${origin}/${manifest.name}.tgz` };
  if (tarball) dist.integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  return {
    name: manifest.name,
    'dist-tags': { latest: manifest.version },
    versions: { [manifest.version]: { ...manifest, dist } },
  };
}

module.exports = { serveRegistry };
