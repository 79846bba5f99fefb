// source.test.mjs - packs over the network: progress, caps, broken and slow servers, and what the cache may be used for.
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { open } from 'inkling';
import { equal, fails, ok, same } from './assert.mjs';
import { makePack } from './fixture.mjs';

const pack = makePack({ items: 3000 }), damaged = makePack({ items: 3000 }).fill(0xff, 8, 9);
let server, base, requests = 0;

before(() => new Promise((resolve) => {
  server = createServer((request, response) => {
    requests++;
    const head = { 'content-type': 'application/octet-stream' };
    switch (request.url) {
      case '/pack': return response.writeHead(200, { ...head, 'content-length': pack.length }).end(pack);
      case '/no-length': response.writeHead(200, head); response.write(pack.subarray(0, 9)); return response.end(pack.subarray(9));
      case '/damaged': return response.writeHead(200, head).end(damaged);
      case '/broken': response.writeHead(200, { ...head, 'content-length': pack.length }); response.write(pack.subarray(0, 500)); return setTimeout(() => response.destroy(), 30);
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
  await fails('FETCH', () => open(`${base}/broken`));
  await fails('PACK_UTF8', () => open(`${base}/damaged`)).catch(() => fails('PACK_SYNTAX', () => open(`${base}/damaged`)));
  await fails('FETCH', () => open(new URL('./no-such-file', import.meta.url)));
  await fails('ARG', () => open('/relative'));
  await fails('ARG', () => open(`${base}/pack`, { cache: 'always' }));
});

test('aborting in the middle of a download', async () => {
  const abort = new AbortController();
  await fails('ABORTED', () => open(`${base}/slow`, { signal: abort.signal, onProgress: () => abort.abort() }));
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
