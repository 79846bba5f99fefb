#!/usr/bin/env node
// bench_families.mjs [--items N] [--people N] [--json] - what serving costs with each family: open, and one more event with a new
// slate of ten (`track` + `recommend`), for a person of 20 and of 100 events, in wasm SIMD128 under Node. Trains a pack of
// every family on made-up ratings of N items (tags and titles too), with the family's defaults and few passes.
// Lowest tenth of short slots, the families in turn.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib.mjs';

const { openSync } = await import(join(root, 'web/dist/open_sync.js'));
const option = (name, standard) => (process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : standard);
const N = option('--items', 10_000), PEOPLE = option('--people', 2000), EACH = 60;
const folder = join(root, 'build/bench/families'), at = (name) => join(folder, name);

/** Families, and what keeps their training short; serving does not depend on it. */
const FAMILIES = [['als', ''], ['als', 'feedback=implicit'], ['svd', 'epochs=3'], ['svdpp', 'epochs=2'], ['nmf', 'epochs=3'], ['pure-svd', ''], ['item-knn', 'feedback=implicit'], ['item-knn', 'feedback=explicit'],
  ['user-knn', 'feedback=implicit'], ['rp3', ''], ['slope-one', ''], ['ease', ''], ['slim', ''], ['spectral', ''], ['bpr', 'iterations=2'], ['warp', 'iterations=2'], ['simplex', 'iterations=1'],
  ['item2vec', 'iterations=1'], ['content', ''], ['content-vectors', ''], ['lstm', 'epochs=1'], ['gru', 'epochs=1'], ['popular', '']];

/** Ratings with some order in them: item numbers near a person's own are chosen more often, low numbers are popular. */
function makeData() {
  let seed = 1;
  const next = () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 2 ** 32; };
  const ratings = ['user,item,rating,time'], words = ['night', 'river', 'stone', 'garden', 'winter', 'letter', 'island', 'mirror'];
  for (let u = 0; u < PEOPLE; u++) {
    for (let k = 0; k < EACH; k++) {
      const item = next() < 0.5 ? Math.floor(((u * 37) % N + next() * N / 20) % N) : Math.floor(N * next() ** 3);
      ratings.push(`u${u},i${item},${1 + Math.floor(next() * 5)},${1_600_000_000 + k}`);
    }
  }
  const items = Array.from({ length: N }, (_, i) => `i${i},The ${words[i % 8]} of ${words[Math.floor(i / 8) % 8]} ${i % 97},g${i % 20}|h${Math.floor(i / 500)}`);
  writeFileSync(at('ratings.csv'), `${ratings.join('\n')}\n`);
  writeFileSync(at('items.csv'), `id,title,genres\n${items.join('\n')}\n`);
}

function train([family, settings], i) {
  const pack = at(`${i}.safetensors`), words = ['train', family, '--events', at('ratings.csv'), '--items', at('items.csv'), '--all-items', '-o', pack,
    ...settings.split(' ').filter(Boolean).flatMap((s) => ['--set', s])];
  const { status, stderr } = spawnSync(join(root, 'build/inkling'), words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${family}: ${stderr.trim().split('\n').at(-1)}`);
  return { name: settings.includes('feedback') ? `${family}, ${settings.split('=')[1]}` : family, family, bytes: readFileSync(pack) };
}

const low = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 10)];

/** Milliseconds of opening. */
function opening(pack, wasm) {
  const times = [];
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    openSync(pack.bytes, { wasm });
    times.push(performance.now() - start);
  }
  return low(times);
}

async function person(pack, wasm, n) {
  const rec = openSync(pack.bytes, { wasm });
  for (let i = 0; i < n; i++) rec.track('like', `i${(i * 131 + 7) % N}`);
  const slate = rec.recommend({ count: 10 });
  if (slate.items.length !== 10 || slate.items.some((item) => item.model !== pack.family)) {
    throw new Error(`${pack.name}: the slate is by ${slate.items[0]?.model}`);
  }
  let i = n;
  return () => {
    const start = performance.now();
    rec.track('like', `i${(i++ * 131 + 7) % N}`);
    rec.recommend({ count: 10 });
    return performance.now() - start;
  };
}

mkdirSync(folder, { recursive: true });
makeData();
const wasm = new WebAssembly.Module(readFileSync(join(root, 'web/dist/inkling.wasm')));
const packs = FAMILIES.map(train), rows = [];
for (const pack of packs) rows.push({ family: pack.name, 'pack MB': (pack.bytes.length / 2 ** 20).toFixed(1), 'open ms': opening(pack, wasm).toFixed(2) });
for (const n of [20, 100]) {
  const steps = await Promise.all(packs.map((pack) => person(pack, wasm, n))), times = packs.map(() => []);
  for (let round = 0; round < 40; round++) steps.forEach((step, p) => times[p].push(step()));
  times.forEach((list, p) => { rows[p][`${n} events ms`] = low(list).toFixed(3); });
}
if (process.argv.includes('--json')) console.log(JSON.stringify(rows));
else console.table(rows);
