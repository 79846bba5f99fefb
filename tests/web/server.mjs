// server.mjs - a static server on 127.0.0.1 for the browser tests: the built package, its tests, the demo, a fixture pack.
// Every page comes with the strict policy that the package promises to live under; every request is written down.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePack } from '../../web/test/fixture.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css',
                '.wasm': 'application/wasm', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png',
                '.webmanifest': 'application/manifest+json', '.safetensors': 'application/octet-stream' };
const folders = (demo) => ({ '/dist/': 'web/dist', '/test/': 'web/test', '/pages/': 'tests/web/pages', '/demo/': demo });

/** Half of the pack, and then the line is lost; the rest for those who ask for it. */
function breakOff(request, response, pack, head) {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, { ...head, etag: '"one"', 'content-length': pack.length - from });
  if (from > 0) return response.end(pack.subarray(from));
  response.write(pack.subarray(0, pack.length >> 1));
  return setTimeout(() => response.destroy(), 100);
}

/**
 * Starts it. Gives { url, port, log, close() }: `log` grows by every request's path. `port` 0: any. `more`: further
 * folders by their prefix, as in folders().
 */
export function serve({ port = 0, demo = join(root, 'build/demo'), more = {} } = {}) {
  const FOLDERS = { ...folders(demo), ...more };
  const pack = makePack(), log = [], sockets = new Set();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    log.push(path);
    const head = { 'content-security-policy': path.startsWith('/no-wasm/') ? "default-src 'self'" : POLICY, 'cache-control': 'no-store', 'access-control-allow-origin': '*' };
    if (path === '/breaks.safetensors') return breakOff(request, response, pack, head);
    if (path === '/fixture.safetensors') return response.writeHead(200, { ...head, 'content-length': pack.length }).end(pack);
    if (path === '/' || path === '/no-wasm/') return response.writeHead(200, { ...head, 'content-type': TYPES['.html'] }).end('<!doctype html><title>blank</title>');
    const folder = Object.keys(FOLDERS).find((prefix) => path.startsWith(prefix));
    const file = folder && resolve(root, FOLDERS[folder], `.${normalize(path.slice(folder.length - 1)).replace(/\/$/, '/index.html')}`);
    if (!file || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404, head).end();
    response.writeHead(200, { ...head, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-length': statSync(file).size });
    return createReadStream(file).pipe(response);
  });
  server.on('connection', (socket) => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)); });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve({
    url: `http://127.0.0.1:${server.address().port}`, port: server.address().port, log,
    close: () => new Promise((done) => { for (const socket of sockets) socket.destroy(); server.close(done); }),
  })));
}
