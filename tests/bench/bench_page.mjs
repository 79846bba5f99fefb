#!/usr/bin/env node
// bench_page.mjs [--rounds N] [--items N] - from navigation to the first slate in a real Chromium, for two pages that do the
// same job over 10 k items of width 64: one with the package (module, pack, profile in memory), one in plain
// JavaScript (a Float32Array and a loop). A fresh page each time, in turn, one server, no cache; the time is the page's
// own clock, which starts at navigation. The slate of a person with three likes, ten items.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BROWSERS, newFolder, removeFolder } from '../web/browsers.mjs';
import { makePack, random } from '../../web/test/fixture.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '15' }, items: { type: 'string', default: '10000' } } });
const items = Number(options.items), factors = 64;

const pack = makePack({ items, factors });
const next = random(3), rows = Float32Array.from({ length: items * factors }, () => next() - 0.5);
const page = (script) => `<!doctype html><meta charset="utf-8"><title>bench</title><script type="module">${script}</script>`;

const ours = page(`
import { open } from '/inkling.min.js';
const rec = await open('/pack.safetensors', { storage: 'memory', cache: 'none', worker: false });
const bytesAt = performance.now();
for (const item of ['film-1', 'film-5', 'film-9']) rec.track('like', item);
const slate = await rec.recommend({ count: 10 });
window.done = { items: slate.items.length, ms: performance.now(), after: performance.now() - bytesAt };
`);
const script = page(`
const rows = new Float32Array(await (await fetch('/rows.bin')).arrayBuffer()), d = ${factors}, q = new Float32Array(d), n = rows.length / d;
const bytesAt = performance.now();
for (const i of [1, 5, 9]) for (let j = 0; j < d; j++) q[j] += rows[i * d + j];
const best = [];
for (let i = 0, at = 0; i < n; i++) {
  let sum = 0;
  for (let j = 0; j < d; j++, at++) sum += rows[at] * q[j];
  if (best.length < 10 || sum > best[9][0]) { best.push([sum, i]); best.sort((a, b) => b[0] - a[0]); best.length = Math.min(best.length, 10); }
}
window.done = { items: best.length, ms: performance.now(), after: performance.now() - bytesAt };
`);

const dist = (name, type) => ({ type, body: readFileSync(join(root, 'web/dist', name)) });
const files = {
  '/ours': { type: 'text/html', body: ours }, '/script': { type: 'text/html', body: script }, '/inkling.min.js': dist('inkling.min.js', 'text/javascript'),
  '/inkling.wasm': dist('inkling.wasm', 'application/wasm'), '/inkling-scalar.wasm': dist('inkling-scalar.wasm', 'application/wasm'),
  '/pack.safetensors': { type: 'application/octet-stream', body: pack }, '/rows.bin': { type: 'application/octet-stream', body: Buffer.from(rows.buffer) },
};
const server = createServer((request, response) => {
  const file = files[new URL(request.url, 'http://x').pathname];
  if (!file) return response.writeHead(404).end();
  return response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-store' }).end(file.body);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}`;

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const folder = newFolder();
const browser = await BROWSERS.find(({ name }) => name === 'chromium').launch(folder);
const times = { ours: [], script: [] }, after = { ours: [], script: [] };
try {
  for (let round = -2; round < Number(options.rounds); round++)
    for (const name of ['ours', 'script']) {
      const tab = await browser.newPage();
      await tab.goto(`${url}/${name}`);
      await tab.waitForFunction('window.done', null, { timeout: 30_000 });
      const done = await tab.evaluate('window.done');
      if (done.items !== 10) throw new Error(`${name}: ${done.items} items`);
      if (round >= 0) { times[name].push(done.ms); after[name].push(done.after); }
      await tab.close();
    }
} finally {
  await browser.close();
  removeFolder(folder);
  server.close();
}
const cell = (list) => `${median(list).toFixed(1)} (${Math.min(...list).toFixed(1)})`;
console.log(`${items} items x ${factors}, Chromium, median (lowest) of ${options.rounds} navigations`);
console.table([
  { page: 'inkling', 'navigation to first slate ms': cell(times.ours), 'after the bytes ms': cell(after.ours) },
  { page: 'plain JavaScript', 'navigation to first slate ms': cell(times.script), 'after the bytes ms': cell(after.script) },
]);
console.log(`ratio, round by round: ${median(times.ours.map((t, i) => t / times.script[i])).toFixed(2)}`);
