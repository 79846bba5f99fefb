#!/usr/bin/env node
// same_bits.mjs - promise 2 as a test: for 100 random histories the same slate with the same score bits
// comes from every way to run the core. The native command line answers first; every other runtime must
// give its ids, score bits and rows:
//
//   every kernel table of this CPU (--kernel), the WASI commands in wasmtime and in Node, the module with and without SIMD in Node, workerd over HTTP, Chromium and Firefox.
//
// Packs: MovieLens as the demo learns it (f32 with an int8 shortcut), the same in f16 and int8, explicit
// ratings with biases, two networks (one deep and with time gaps, one in int8), folds by gradient steps, a blend of three other families,
// and a small pack made by another writer. Prints one line a runtime and pack.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openSync } from 'inkling/edge';
import { serve as serveEdge } from '../../edge/serve.mjs';
import { idOf, makePack, random } from '../../web/test/fixture.mjs';
import { BROWSERS, newFolder, removeFolder } from '../web/browsers.mjs';
import { serve as serveFiles } from '../../demo/serve.mjs';

const HISTORIES = 100;
const work = 'build/bits', cli = 'build/inkling';
mkdirSync(work, { recursive: true });
let passed = 0, failed = 0;

// -------------------------------------------------------------------- packs

const DATA = 'build/data/movielens';
const TRAINED = {
  'f32+int8': 'als --set iterations=3 --set feedback=implicit --set precision=f32+int8',
  f16: 'als --set iterations=3 --set feedback=implicit --set precision=f16 --set factors=48',
  int8: 'als --set iterations=3 --set feedback=implicit --set precision=int8 --set factors=96',
  explicit: 'als --set iterations=3 --set feedback=explicit --set factors=20',
  lstm: 'lstm --set epochs=1 --set factors=24 --set layers=2 --set gaps=yes',
  gru: 'gru --set epochs=1 --set factors=32 --set precision=int8',
  bpr: 'bpr --set iterations=3 --set factors=24',
  blend: 'hybrid --members item-knn,svdpp,user-knn --set svdpp.epochs=2 --set svdpp.factors=12',
};

function packs() {
  const out = { fixture: join(work, 'fixture.safetensors') };
  writeFileSync(out.fixture, makePack({ items: 3000, factors: 24 }));
  if (!existsSync(DATA)) { console.log(`skip: packs of real ratings: ${DATA} is not there`); return out; }
  for (const [name, words] of Object.entries(TRAINED)) {
    out[name] = join(work, `${name}.safetensors`);
    execFileSync(cli, ['train', ...words.split(' '), '--events', join(DATA, 'ratings.csv'), '--liked-from', '3.5', '-o', out[name]],
      { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return out;
}

/** Ids of a pack's items. */
function idsOf(name) {
  if (name === 'fixture') return Array.from({ length: 3000 }, (_, i) => idOf(i));
  return readFileSync(join(DATA, 'items.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',')[0]);
}

/** 100 requests: histories of 0 to 60 events of several kinds, some with lists, some unknown items. */
function requests(ids) {
  const next = random(2024), whole = (n) => Math.floor(next() * n), pick = () => ids[whole(ids.length)];
  const kinds = ['view', 'like', 'purchase', 'dislike', 'rating', 'click'];
  return Array.from({ length: HISTORIES }, (_, i) => {
    const events = Array.from({ length: i === 0 ? 0 : 1 + whole(60) }, (_, k) => {
      const kind = kinds[whole(kinds.length)];
      return { item: whole(25) === 0 ? `unknown-${k}` : pick(), kind, value: kind === 'rating' ? (1 + whole(9)) / 2 : 1, time: 1e12 + k * 1000 };
    });
    return {
      events, count: 1 + whole(40), explain: i % 4 === 0, seed: i, now: 2e12,
      ...(i % 10 === 3 ? { deny: Array.from({ length: 50 }, pick) } : {}),
      ...(i % 10 === 5 ? { allow: Array.from({ length: 200 }, pick) } : {}),
      ...(i % 10 === 7 ? { withSeen: true } : {}),
    };
  });
}

// ----------------------------------------------------------------- runtimes

/** What must agree: ids and score bits in order, rows, and the bits of every reason's weight. */
function essence({ items, rows, complete, model }) {
  return JSON.stringify([model, complete, rows, items.map(({ id, score, score_bits, reasons }) => [id, score_bits ?? bitsOf(score), ...(reasons ?? []).map((r) => r.weight)])]);
}
const view = new DataView(new ArrayBuffer(4));
function bitsOf(score) { view.setFloat32(0, score); return view.getUint32(0).toString(16).padStart(8, '0'); }

/** Whether this build on this processor has a table: it refuses the name otherwise. */
function hasKernels(name) {
  const { stderr } = spawnSync(cli, ['inspect', '--kernel', name, 'no-such-file'], { encoding: 'utf8' });
  return !stderr.includes('no such kernels');
}

// Each runtime: (pack, bodies) -> answers, in order. A refusal or a crash is an answer that agrees with nothing.

/** One process a request: the native command starts in milliseconds. */
const native = (...options) => (pack, bodies) => bodies.map((body) => {
  const { status, stdout, stderr } = spawnSync(cli, ['answer', ...options, pack], { input: JSON.stringify(body), encoding: 'utf8', maxBuffer: 1 << 26 });
  return status === 0 ? JSON.parse(stdout) : { error: `exit ${status}: ${stderr}${stdout}` };
});

/** A WASI command, a fresh instance for each request, all in one process of an engine. */
const wasi = (engine, script) => (file, ...words) => (pack, bodies) => {
  const { status, stdout, stderr } = spawnSync(engine, [script, file, ...words, pack],
    { input: bodies.map((b) => JSON.stringify(b)).join('\n'), encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${engine}: exit ${status}: ${stderr}`);
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
};
const wasmtime = wasi('build/venv/bin/python', 'tests/bits/wasmtime_answers.py'), nodeWasi = wasi(process.execPath, 'tests/bits/node_answers.mjs');

/** The package's synchronous recommender over a module. */
const moduleIn = (file) => (pack, bodies) => {
  const rec = openSync(readFileSync(pack), { wasm: new WebAssembly.Module(readFileSync(file)), limits: LIMITS });
  return bodies.map((body) => rec.recommend(body));
};

async function workerd(pack, bodies) {
  const server = await serveEdge(pack), out = [];
  try {
    for (const body of bodies) out.push(await (await fetch(`${server.url}/v1/recommend`, { method: 'POST', body: JSON.stringify(body) })).json());
    return out;
  } finally {
    await server.end();
  }
}

/** The package in a browser, as a page opens it: streamed module, fetched pack. */
const browser = ({ launch }) => async (pack, bodies) => {
  const files = await serveFiles({ '/dist/': 'web/dist', '/work/': work, '/': 'tests/bits' });
  const folder = newFolder();
  writeFileSync(join(work, 'bodies.json'), JSON.stringify(bodies));
  const instance = await launch(folder);
  try {
    const page = await instance.newPage();
    await page.goto(`${files.url}/page.html`);
    const answer = await page.evaluate(async ([name, limits]) => {
      const { open } = await import('/dist/inkling.min.js');
      const rec = await open(`/work/${name}`, { profile: null, limits });
      const out = [];
      for (const body of await (await fetch('/work/bodies.json')).json()) out.push(await rec.recommend(body));
      await rec.close();
      return JSON.stringify(out);
    }, [basename(pack), LIMITS]);
    return JSON.parse(answer);
  } finally {
    await instance.close();
    await files.close();
    removeFolder(folder);
  }
};

const LIMITS = { events: 2000, count: 1000, reasons: 64 };          // those of the edge commands
const kernels = ['ref', 'sse2', 'avx2', 'avx512', 'neon'].filter(hasKernels);

const RUNTIMES = {
  ...Object.fromEntries(kernels.map((name) => [`native, kernels ${name}`, native('--kernel', name)])),
  'WASI command in wasmtime': wasmtime('build/wasi/inkling.wasm', 'answer'),
  'small WASI command in wasmtime': wasmtime('build/wasi/inkling-edge.wasm'),
  'small WASI command in Node': nodeWasi('build/wasi/inkling-edge.wasm'),
  'module with SIMD in Node': moduleIn('build/wasm/inkling.wasm'),
  'module without SIMD in Node': moduleIn('build/wasm/inkling-scalar.wasm'),
  workerd,
};
for (const one of BROWSERS) {
  if (existsSync(one.path)) RUNTIMES[one.name] = browser(one);
  else console.log(`skip: ${one.name}: ${one.path} is not there`);
}

// ------------------------------------------------------------------ compare

async function compare(name, runtime, answers, wanted) {
  let got;
  try {
    got = (await answers()).map((answer) => (answer.error ? JSON.stringify(answer.error) : essence(answer)));
  } catch (error) {
    got = [String(error.stack ?? error)];
  }
  const bad = wanted.map((_, i) => i).filter((i) => got[i] !== wanted[i]);
  bad.length ? failed++ : passed++;
  console.log(`${bad.length ? 'FAIL' : 'ok  '} ${name}: ${runtime}: ${wanted.length - bad.length} of ${wanted.length} slates alike`);
  if (bad.length) console.log(`     history ${bad[0]}: ${String(got[bad[0]]).slice(0, 400)}\n     not ${wanted[bad[0]].slice(0, 400)}`);
}

for (const [name, pack] of Object.entries(packs())) {
  const bodies = requests(idsOf(name));
  const wanted = native()(pack, bodies).map((answer) => (answer.error ? `refused: ${answer.error}` : essence(answer)));
  const distinct = new Set(wanted).size;
  distinct >= 50 ? passed++ : failed++;
  console.log(`${distinct >= 50 ? 'ok  ' : 'FAIL'} ${name}: the native command gives ${distinct} different slates to ${wanted.length} people`);
  for (const [runtime, answers] of Object.entries(RUNTIMES)) await compare(name, runtime, () => answers(pack, bodies), wanted);
}
console.log(`same_bits: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
