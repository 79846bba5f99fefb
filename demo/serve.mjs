#!/usr/bin/env node
// serve.mjs [--port N] - builds the demo's page and serves it, on this machine only. Any static host does
// as well: the page needs no headers of its own. Port 0 lets the system choose.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDemo } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json',
  '.safetensors': 'application/octet-stream',
};

/** The file that a path names below one of the folders { prefix: folder }, or null. */
function fileOf(folders, path) {
  const prefix = Object.keys(folders).filter((p) => path.startsWith(p)).sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return null;
  const inside = normalize(`/${path.slice(prefix.length)}`);          // "/../x" becomes "/x": nothing above the folder
  const file = join(root, folders[prefix], inside.endsWith('/') ? `${inside}index.html` : inside);
  try {
    return statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

/** Serves folders of the repository; gives { url, close }. */
export function serve(folders, port = 0) {
  const server = createServer((request, response) => {
    let path;
    try {
      path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    } catch {
      return response.writeHead(400).end();
    }
    const file = request.method === 'GET' || request.method === 'HEAD' ? fileOf(folders, path) : null;
    if (!file) return response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-length': statSync(file).size,
      'cache-control': 'no-cache', 'x-content-type-options': 'nosniff',
    });
    return request.method === 'HEAD' ? response.end() : createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${server.address().port}`,
      close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
    }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--port');
  try {
    await buildDemo();
    const { url } = await serve({ '/': 'build/demo' }, at > 0 ? Number(process.argv[at + 1]) : 8080);
    console.log(`The demo is at ${url}/ (Ctrl-C ends it)`);
  } catch (error) {
    console.error(`serve.mjs: ${error.message}`);
    process.exit(1);
  }
}
