// source.test.mjs - packs over the network: progress, caps, broken and slow servers, and what the cache may be used for.
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { open } from 'inkling';
import { equal, fails, ok, same } from './assert.mjs';
import { makePack } from './fixture.mjs';

const pack = makePack({ items: 3000 }), damaged = makePack({ items: 3000 }).fill(0xff, 8, 9);
let server, base, requests = 0, ranges = [];
const PIECE = 150_000, TAG = { etag: '"one"', 'accept-ranges': 'bytes' };

/** A server that loses the line after every PIECE bytes, and whose answer to a range is as `how` says. */
function breaking(request, response, how) {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  ranges.push(from);
  if (how === 'refuses' && from > 0) return response.writeHead(416).end();
  const ranged = from > 0 && how !== 'ignores', start = ranged ? from : 0;
  const mark = how === 'unmarked' ? {} : how === 'dated' ? { 'last-modified': 'Sun, 22 Nov 2026 05:00:00 GMT' } : how === 'changes' ? { etag: `"${ranges.length}"` } : TAG;
  response.writeHead(ranged ? 206 : 200, { 'content-type': 'application/octet-stream', 'content-length': pack.length - start, ...mark });
  const breaks = how === 'always' || (how === 'unmarked' || how === 'ignores' ? ranges.length < 3 : start + PIECE < pack.length && !(start === 0 && ranges.length > 1));
  if (!breaks) return response.end(pack.subarray(start));
  response.write(pack.subarray(start, start + (how === 'always' ? 500 : PIECE)));
  return setTimeout(() => response.destroy(), 15);
}

before(() => new Promise((resolve) => {
  server = createServer((request, response) => {
    requests++;
    const head = { 'content-type': 'application/octet-stream' };
    if (request.url.startsWith('/breaks/')) return breaking(request, response, request.url.slice(8));
    switch (request.url) {
      case '/pack': return response.writeHead(200, { ...head, 'content-length': pack.length }).end(pack);
      case '/no-length': response.writeHead(200, head); response.write(pack.subarray(0, 9)); return response.end(pack.subarray(9));
      case '/damaged': return response.writeHead(200, head).end(damaged);
      case '/broken': response.writeHead(200, { ...head, 'content-length': pack.length }); response.write(pack.subarray(0, 500)); return setTimeout(() => response.destroy(), 30);
      case '/page': return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><title>Sign in</title>');
      case '/text': return response.writeHead(200, { 'content-type': 'text/plain' }).end(pack);
      case '/gone': return response.writeHead(404).end();
      case '/slow': response.writeHead(200, { ...head, 'content-length': pack.length }); return response.write(pack.subarray(0, 500));
      default: return response.writeHead(503).end();
    }
  }).listen(0, '127.0.0.1', () => { base = `http://127.0.0.1:${server.address().port}`; resolve(); });
}));
after(() => { server.closeAllConnections(); server.close(); });
afterEach(() => { delete globalThis.caches; });

/** A Cache API in a Map, with the digest header and all. */
function withCache() {
  const kept = new Map();
  globalThis.caches = { open: async () => ({
    match: async (url) => kept.get(String(url))?.clone(),
    put: async (url, response) => { kept.set(String(url), response); },
    delete: async (url) => kept.delete(String(url)),
  }) };
  return kept;
}

const opened = async (path, options) => {
  const rec = await open(`${base}${path}`, options);
  await rec.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
};

test('progress rises to the total', async () => {
  const seen = [];
  await opened('/pack', { onProgress: (p) => seen.push(p) });
  same(seen.at(-1), { loaded: pack.length, total: pack.length, from: 'network' });
  ok(seen.every((p, i) => i === 0 || p.loaded > seen[i - 1].loaded));
});

test('a server that tells no length is read too', async () => {
  const seen = [];
  await opened('/no-length', { onProgress: (p) => seen.push(p) });
  same(seen.at(-1), { loaded: pack.length, total: 0, from: 'network' });
});

test('refusals', async () => {
  await fails('FETCH', () => open(`${base}/busy`));
  await fails('FETCH', () => open('http://127.0.0.1:1/'));
  await fails('TOO_LARGE', () => open(`${base}/pack`, { maxBytes: pack.length - 1 }));
  await fails('TOO_LARGE', () => open(`${base}/no-length`, { maxBytes: pack.length - 1 }));
  await fails('FETCH', () => open(`${base}/broken`, { retries: 0 }));
  const gone = await fails('FETCH', () => open(`${base}/gone`));
  equal(gone.message, `${base}/gone answered 404 Not Found`);
  const page = await fails('FETCH', () => open(`${base}/page`));
  equal(page.message, `${base}/page answered with a page (text/html), not with the file`);
  await opened('/text');                               // servers that do not know the ending are common
  await fails('PACK_UTF8', () => open(`${base}/damaged`)).catch(() => fails('PACK_SYNTAX', () => open(`${base}/damaged`)));
  await fails('FETCH', () => open(new URL('./no-such-file', import.meta.url)));
  await fails('ARG', () => open('/relative'));
  await fails('ARG', () => open(`${base}/pack`, { cache: 'always' }));
});

test('aborting in the middle of a download', async () => {
  const abort = new AbortController();
  await fails('ABORTED', () => open(`${base}/slow`, { signal: abort.signal, onProgress: () => abort.abort() }));
});

test('a download that breaks goes on where it broke', { timeout: 20_000 }, async () => {
  for (const how of ['tagged', 'dated']) {
    ranges = [];
    const seen = [];
    await opened(`/breaks/${how}`, { retries: 10, onProgress: (p) => seen.push(p) });
    same(ranges, [0, PIECE], how);                      // the second piece reaches the end
    ok(seen.every((p, i) => p.total === pack.length && (i === 0 || p.loaded > seen[i - 1].loaded)), 'never back');
    equal(seen.at(-1).loaded, pack.length);
  }
});

test('it begins anew where the server cannot show that the file is the same', { timeout: 20_000 }, async () => {
  for (const [how, wanted] of [['unmarked', [0, 0, 0]], ['ignores', [0, PIECE, PIECE]], ['refuses', [0, PIECE, 0]], ['changes', [0, PIECE, 0]]]) {
    ranges = [];
    const seen = [];
    await opened(`/breaks/${how}`, { onProgress: (p) => seen.push(p) });
    same(ranges, wanted, how);
    same(seen.at(-1), { loaded: pack.length, total: pack.length, from: 'network' }, how);
  }
});

test('it gives up after so many times, and says how far it came; a listener that throws is no broken line', { timeout: 20_000 }, async () => {
  ranges = [];
  const error = await fails('FETCH', () => open(`${base}/breaks/always`, { retries: 1 }));
  ok(/^the download broke off after \d+ bytes: /.test(error.message), error.message);
  equal(ranges.length, 2);
  await fails('ARG', () => open(`${base}/pack`, { retries: 11 }));
  const thrown = await open(`${base}/pack`, { onProgress: () => { throw new RangeError('mine'); } }).catch((e) => e);
  equal(thrown.name, 'RangeError');
});

test('while it waits for another attempt it can be aborted', async () => {
  const abort = new AbortController();
  ranges = [];
  setTimeout(() => abort.abort(), 150);
  await fails('ABORTED', () => open(`${base}/breaks/always`, { signal: abort.signal }));
  equal(ranges.length, 1);
});

test('a page, or a line that stays broken, in the place of the pack: the kept copy opens', async () => {
  const kept = withCache();
  await opened('/pack');
  for (const path of ['/page', '/broken', '/gone']) {
    kept.set(`${base}${path}`, kept.get(`${base}/pack`).clone());
    const from = [];
    await opened(path, { retries: 0, onProgress: (p) => from.push(p.from) });
    equal(from.at(-1), 'cache', path);
  }
});

test('a cache that is forbidden, fails or is full is no failure', async () => {
  const full = async () => { throw new DOMException('full', 'QuotaExceededError'); };
  for (const fake of [{ open: async () => ({ match: async () => undefined, put: full, delete: full }) }, { open: full }]) {
    globalThis.caches = fake;
    await opened('/pack');
    await opened('/pack', { cache: 'first' });
  }
  Object.defineProperty(globalThis, 'caches', { configurable: true, get() { throw new DOMException('sandboxed', 'SecurityError'); } });
  await opened('/pack');
});

test('cache auto: the network first, the copy when it fails', async () => {
  const kept = withCache();
  await opened('/pack');
  equal(kept.size, 1);
  const before = requests, from = [];
  await opened('/pack', { onProgress: (p) => from.push(p.from) });
  equal(requests, before + 1);
  equal(from[0], 'network');
  kept.set(`${base}/busy`, kept.get(`${base}/pack`).clone());
  await opened('/busy', { onProgress: (p) => from.push(p.from) });
  equal(from.at(-1), 'cache');
});

test('cache first: no request at all', async () => {
  withCache();
  await opened('/pack', { cache: 'first' });
  const before = requests;
  await opened('/pack', { cache: 'first' });
  equal(requests, before);
});

test('a digest makes the copy enough, another digest does not', async () => {
  withCache();
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', pack)).toString('base64');
  await opened('/pack', { integrity: `sha256-${digest}` });
  const before = requests;
  await opened('/pack', { integrity: `sha256-${digest}` });
  equal(requests, before);
  await fails('INTEGRITY', () => open(`${base}/pack`, { integrity: `sha256-${'A'.repeat(43)}=` }));
  equal(requests, before + 1);
});

test('a damaged copy is dropped and fetched anew', async () => {
  const kept = withCache();
  kept.set(`${base}/pack`, new Response(damaged));
  await opened('/pack', { cache: 'first' });
  equal((await kept.get(`${base}/pack`).clone().arrayBuffer()).byteLength, pack.length);
});

test('a damaged pack is not kept; cache none keeps nothing', async () => {
  const kept = withCache();
  await open(`${base}/damaged`).catch(() => undefined);
  await opened('/pack', { cache: 'none' });
  equal(kept.size, 0);
});

test('after opening, no request', async () => {
  const rec = await open(`${base}/pack`), before = requests, { fetch } = globalThis;
  globalThis.fetch = () => { throw new Error('a request'); };
  try {
    rec.track('like', 'film-3');
    await rec.recommend({ explain: true, properties: true });
    await rec.similarItems('film-3');
    await rec.profile.export();
    await rec.profile.erase();
  } finally {
    globalThis.fetch = fetch;
    await rec.close();
  }
  equal(requests, before);
});
