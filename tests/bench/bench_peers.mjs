#!/usr/bin/env node
// bench_peers.mjs [--rounds N] [--sizes 10000x64,...] - exact top 10 and the fold-in beside what a page would use
// otherwise: ONNX Runtime Web (MatMul + TopK, one thread, SIMD) and plain JavaScript. One process, round by round;
// ratios are taken inside a round. The peer comes from npm into build/peers and is no part of the project.
import { parseArgs } from 'node:util';
import { benchModule, median, roomFor } from './lib.mjs';
import { FLOAT, INT64, PEER, VERSION, graph, ints, loadPeer, node, tensor, value, whole } from './onnx.mjs';

const { values: options } = parseArgs({ options: {
  rounds: { type: 'string', default: '30' }, sizes: { type: 'string', default: '10000x64,100000x64,1000000x64' },
} });

const K = 10;
const wasm = benchModule();

// ---------------------------------------------------------------------- peer

/** q [1, d] -> the indices of the K best rows of X [n, d], as Gemm with a transposed constant, then TopK. */
const topModel = (rows, n, d) => graph([node('Gemm', ['q', 'X'], ['s'], [whole('transB', 1)]), node('TopK', ['s', 'k'], ['v', 'i'])],
  [tensor('X', FLOAT, [n, d], rows), tensor('k', INT64, [1], ints([K]))],
  [value('q', FLOAT, [1, d])], [value('v', FLOAT, [1, K]), value('i', INT64, [1, K])]);

// ---------------------------------------------------------- plain JavaScript

let state = 1;
const uniform = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 31 - 1; };
const random = (n) => Float32Array.from({ length: n }, uniform);

/** What people write: a loop, an array of pairs kept sorted. */
function topInScript(rows, q, n, d) {
  const best = [];
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++, at++) sum += rows[at] * q[j];
    if (best.length < K || sum > best[K - 1][0]) {
      best.push([sum, i]);
      best.sort((a, b) => b[0] - a[0]);
      best.length = Math.min(best.length, K);
    }
  }
  return best;
}

/** A = G + sum w y y^T + ridge, Cholesky, two solves: everything in Float32Array, lower triangle only. */
function foldInScript(gram, ys, events, d) {
  const a = Float32Array.from(gram), x = new Float32Array(d);
  for (let e = 0; e < events; e++)
    for (let r = 0, y = e * d; r < d; r++) {
      const w = ys[y + r];
      x[r] += w;
      for (let c = 0; c <= r; c++) a[r * d + c] += w * ys[y + c];
    }
  for (let j = 0; j < d; j++) {
    a[j * d + j] += 10;
    for (let k = 0; k < j; k++) a[j * d + j] -= a[j * d + k] * a[j * d + k];
    a[j * d + j] = Math.sqrt(a[j * d + j]);
    for (let i = j + 1; i < d; i++) {
      let sum = a[i * d + j];
      for (let k = 0; k < j; k++) sum -= a[i * d + k] * a[j * d + k];
      a[i * d + j] = sum / a[j * d + j];
    }
  }
  for (let i = 0; i < d; i++) { for (let k = 0; k < i; k++) x[i] -= a[i * d + k] * x[k]; x[i] /= a[i * d + i]; }
  for (let i = d - 1; i >= 0; i--) { for (let k = i + 1; k < d; k++) x[i] -= a[k * d + i] * x[k]; x[i] /= a[i * d + i]; }
  return x;
}

// -------------------------------------------------------------------- timing

async function rounds(jobs) {
  const list = Object.entries(jobs).map(([name, job]) => ({ name, job, times: [] }));
  for (const entry of list) {
    for (let i = 0; i < 10; i++) await entry.job();
    const start = performance.now();
    await entry.job();
    entry.repeat = Math.max(1, Math.round(2 / (performance.now() - start)));
  }
  for (let round = 0; round < Number(options.rounds); round++)
    for (const entry of list) {
      const start = performance.now();
      for (let i = 0; i < entry.repeat; i++) await entry.job();
      entry.times.push((performance.now() - start) / entry.repeat);
    }
  return Object.fromEntries(list.map(({ name, times }) => [name, times]));
}
const ms = (times) => `${median(times).toFixed(4)} (${Math.min(...times).toFixed(4)})`;
/** Median of the rounds' ratios (ratio of the lowest times). */
const ratio = (a, b) => `${median(a.map((t, i) => t / b[i])).toFixed(2)} (${(Math.min(...a) / Math.min(...b)).toFixed(2)})`;

const ort = await loadPeer();
const table = [];
for (const [n, d] of options.sizes.split(',').map((s) => s.split('x').map(Number))) {
  const size = wasm.bench_bytes(n, d) >>> 0;
  if (wasm.bench_init(roomFor(wasm, size), size, n, d) !== 0) throw new Error(`no memory for ${n} x ${d}`);
  const rows = random(n * d), q = random(d);
  const session = await ort.InferenceSession.create(topModel(rows, n, d), { executionProviders: ['wasm'] });
  const feed = { q: new ort.Tensor('float32', q, [1, d]) };
  const theirs = Array.from((await session.run(feed)).i.data, Number), script = topInScript(rows, q, n, d).map(([, i]) => i);
  if (theirs.join() !== script.join()) throw new Error(`the peer's top ${K} is not the loop's: ${theirs} / ${script}`);
  const t = await rounds({ ours: () => wasm.scan(0, K), certified: () => wasm.scan(4, K), peer: () => session.run(feed), script: () => topInScript(rows, q, n, d) });
  table.push({ 'top 10 of': `${n} x ${d}`, 'ours f32 ms': ms(t.ours), 'ours int8, certified ms': ms(t.certified), [`${PEER} ms`]: ms(t.peer), 'script ms': ms(t.script),
    'peer / ours': ratio(t.peer, t.ours), 'script / ours': ratio(t.script, t.ours) });
  await session.release();
}
console.log(`Node ${process.version}, ${PEER} ${VERSION}, one thread; median (lowest) of ${options.rounds} rounds`);
console.table(table);

const folds = [];
for (const [events, d] of [[20, 64], [100, 64], [100, 128]]) {
  const size = wasm.fold_bytes(events, d) >>> 0;
  if (wasm.fold_init(roomFor(wasm, size), size, events, d) !== 0) throw new Error('no memory');
  const gram = new Float32Array(d * d), ys = random(events * d);
  for (let i = 0; i < d; i++) gram[i * d + i] = 1;
  const t = await rounds({ ours: () => wasm.fold(15, events, d), script: () => foldInScript(gram, ys, events, d) });
  folds.push({ fold: `${events} events, d ${d}`, 'ours ms': ms(t.ours), 'script ms': ms(t.script), 'script / ours': ratio(t.script, t.ours) });
}
console.table(folds);
