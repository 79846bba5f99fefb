// workerd.test.mjs - the worker where it lives: workerd answers over HTTP, with module and pack as imports,
// and gives the answers that the same worker gives in Node, byte for byte.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { serve } from '../../edge/serve.mjs';
import { createWorker } from '../../edge/worker.mjs';
import { idOf, makePack } from '../../web/test/fixture.mjs';

const file = 'build/edge/four-genres.safetensors';
const pack = makePack({ items: 2000, factors: 32 });
mkdirSync('build/edge', { recursive: true });
writeFileSync(file, pack);
const here = createWorker({ pack, wasm: new WebAssembly.Module(readFileSync('build/wasm/inkling.wasm')) });

let server;
before(async () => { server = await serve(file); });
after(async () => { await server.end(); });

const post = (body) => ({ method: 'POST', body: JSON.stringify(body) });
const events = Array.from({ length: 30 }, (_, i) => ({ item: idOf(i * 12 + 3), kind: i % 3 ? 'view' : 'like', time: i }));

test('the same answers as in Node, byte for byte', async () => {
  const requests = [
    ['/v1/recommend', post({ events, count: 50, explain: true, properties: true })],
    ['/v1/recommend', post({})],
    ['/v1/similar', post({ item: idOf(9) })],
    ['/v1/rank', post({ events, items: [idOf(1), idOf(3), 'no-such'] })],
    ['/v1/pack', {}],
    ['/v1/recommend', post({ count: 'many' })],
    ['/v1/nowhere', {}],
  ];
  for (const [path, init] of requests) {
    const there = await fetch(server.url + path, init), local = await here.fetch(new Request(`http://edge${path}`, init));
    assert.equal(there.status, local.status, path);
    assert.equal(await there.text(), await local.text(), path);
  }
});

test('many at once, each with its own taste', async () => {
  const ask = async (genre) => (await (await fetch(`${server.url}/v1/recommend`, post({ events: [{ item: idOf(genre), kind: 'like' }], count: 5 }))).json()).items.map(({ id }) => id);
  const alone = [];
  for (let genre = 0; genre < 4; genre++) alone.push(await ask(genre));
  const crowd = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i % 4)));
  crowd.forEach((ids, i) => assert.deepEqual(ids, alone[i % 4]));
});

test('a hostile body leaves it answering', async () => {
  for (const body of ['{'.repeat(100_000), '['.repeat(200_000), '"\\u0000"', 'x'.repeat(2 << 20)]) {
    const { status } = await fetch(`${server.url}/v1/recommend`, { method: 'POST', body });
    assert.ok(status === 400 || status === 413, String(status));
  }
  assert.equal((await fetch(`${server.url}/v1/health`)).status, 200);
});
