// t_places.mjs - the same package in a page, behind a worker, inside a worker; under the strict policy; with the same bits.
import { readFileSync } from 'node:fs';
import { openSync } from '../../web/dist/index.js';
import { bits } from '../../web/test/assert.mjs';
import { idOf, makePack, random } from '../../web/test/fixture.mjs';
import { equal, ok } from '../../web/test/assert.mjs';

const T0 = 1_700_000_000_000;

/** A hundred people of 1 to 12 events. */
function histories() {
  const next = random(99), kinds = ['like', 'view', 'purchase', 'dislike'];
  return Array.from({ length: 100 }, () => Array.from({ length: 1 + Math.floor(next() * 12) }, (_, n) => (
    { kind: kinds[Math.floor(next() * 4)], item: idOf(Math.floor(next() * 40)), time: T0 + n })));
}

export async function places({ browser, server, test, report, name }) {
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);

  for (const [where, options] of [['page', {}], ['page, behind a worker', { worker: true }]]) {
    const results = await page.evaluate(async (given) => (await import('/pages/cases.js')).runCases(given), options);
    for (const { name: what, error } of results) report(`${name}, ${where}: ${what}`, error);
  }
  const inside = await page.evaluate(() => new Promise((resolve, reject) => {
    const worker = new Worker('/pages/cases_worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
    worker.onerror = (event) => reject(new Error(event.message));
  }));
  for (const { name: what, error } of inside) report(`${name}, inside a worker: ${what}`, error);

  await test('a hundred people have the same slates, to the bit, as under Node, with SIMD and without', async () => {
    const pack = makePack(), people = histories();
    const answer = (rec) => people.map((events) => rec.recommend({ events, now: T0, count: 10 }).items.map(({ id, score }) => `${id} ${bits(score)}`).join());
    const here = ['inkling.wasm', 'inkling-scalar.wasm'].map((file) => {
      const wasm = new WebAssembly.Module(readFileSync(new URL(`../../web/dist/${file}`, import.meta.url)));
      return answer(openSync(pack, { wasm })).join('\n');
    });
    equal(here[0], here[1], 'SIMD and scalar under Node');
    for (const file of ['inkling.wasm', 'inkling-scalar.wasm']) {
      const there = await page.evaluate(async ({ given, wasmFile, now }) => {
        const [{ openSync: openHere }, { makePack: make }, { bits: bitsOf }] = await Promise.all(
          [import('/dist/inkling.min.js'), import('/test/fixture.mjs'), import('/test/assert.mjs')]);
        const wasm = await WebAssembly.compile(await (await fetch(`/dist/${wasmFile}`)).arrayBuffer());
        const rec = openHere(make(), { wasm });
        return given.map((events) => rec.recommend({ events, now, count: 10 }).items.map(({ id, score }) => `${id} ${bitsOf(score)}`).join()).join('\n');
      }, { given: people, wasmFile: file, now: T0 });
      equal(there, here[0], file);
    }
  });

  await test('a page that forbids WebAssembly gets a sentence', async () => {
    const strict = await browser.newPage();
    await strict.goto(`${server.url}/no-wasm/`);
    const error = await strict.evaluate(async () => {
      const { open } = await import('/dist/inkling.min.js');
      return open('/fixture.safetensors').then(() => null, (e) => ({ code: e.code, message: e.message }));
    });
    equal(error?.code, 'WASM');
    ok(error.message.includes('wasm-unsafe-eval'), error.message);
    await strict.close();
  });

  await test('a download that breaks goes on where it broke', async () => {
    const before = server.log.length;
    const seen = await page.evaluate(async () => {
      const { open } = await import('/dist/inkling.min.js');
      const progress = [];
      const rec = await open('/breaks.safetensors', { profile: null, cache: 'none', onProgress: (p) => progress.push(p) });
      return { bytes: rec.pack.bytes, progress };
    });
    equal(server.log.slice(before).filter((path) => path === '/breaks.safetensors').length, 2, 'requests');
    equal(seen.progress.at(-1).loaded, seen.bytes);
    ok(seen.progress.every((p, i) => p.total === seen.bytes && (i === 0 || p.loaded > seen.progress[i - 1].loaded)), JSON.stringify(seen.progress));
  });

  await test('in a sandboxed frame, where storage is forbidden, it works in memory and says so', async () => {
    const framed = await browser.newPage();
    await framed.goto(`${server.url}/`);
    const heard = await framed.evaluate(() => new Promise((resolve) => {
      addEventListener('message', ({ data }) => resolve(data));
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.src = '/pages/sandboxed.html';
      document.body.append(frame);
      setTimeout(() => resolve({ error: 'nothing was heard' }), 15_000);
    }));
    await framed.close();
    equal(heard.error, undefined);
    equal(heard.items, 5);
    equal(heard.storage.kind, 'memory');
    ok(['failed', 'unavailable'].includes(heard.storage.reason), heard.storage.reason);
  });

  await test('the Cache API serves the pack when the network is gone', async () => {
    const from = await page.evaluate(async () => {
      const { open } = await import('/dist/inkling.min.js');
      const seen = [];
      const once = async (options) => (await open('/fixture.safetensors', { storage: 'memory', onProgress: (p) => seen.push(p.from), ...options })).close();
      await once({});
      for (let i = 0; i < 50 && !(await caches.match('/fixture.safetensors')); i++) await new Promise((r) => setTimeout(r, 20));
      await once({ cache: 'first' });
      await once({ cache: 'first', worker: true });
      return seen;
    });
    equal(from.join(), 'network,cache,cache');
  });
  await page.close();
}
