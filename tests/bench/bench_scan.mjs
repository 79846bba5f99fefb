#!/usr/bin/env node
// bench_scan.mjs [--cc emcc|clang] [--seconds S] [--sizes 10000x64,...] [--json] [--plot FILE.svg] - scans and fold-in in wasm SIMD128
// beside the fastest read of the same bytes and the fastest multiply-add, all in one process, round by round.
//
// The module is compiled here from tests/bench/scan_wasm.c and the core with the shipped compiler (Emscripten)
// or with clang-22, into build/bench. Jobs take turns in slots so short that most escape what else the machine
// does. Times are the mean of the lowest tenth of all slots, and ratios are taken of these; in brackets stands the
// median, of times and of the ratios inside a round.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { plot } from './plot.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: options } = parseArgs({ options: {
  cc: { type: 'string', default: 'emcc' }, seconds: { type: 'string', default: '2' },
  sizes: { type: 'string', default: '10000x64,100000x64,1000000x64' }, json: { type: 'boolean', default: false },
  flags: { type: 'string', default: '' }, plot: { type: 'string', default: '' },
} });

// -------------------------------------------------------------------- module

function compile() {
  const rooms = ['core/base', 'core/kernel', 'core/rank'];
  const sources = rooms.flatMap((room) => readdirSync(join(root, room)).filter((f) => f.endsWith('.c')).map((f) => join(root, room, f)));
  const common = ['-std=c11', '-O3', '-msimd128', '-ffp-contract=off', '-fno-math-errno', '-Wl,--stack-first',
    ...options.flags.split(' ').filter(Boolean), ...['core/include', ...rooms].map((dir) => `-I${join(root, dir)}`), ...sources, join(root, 'tests/bench/scan_wasm.c')];
  const out = join(root, 'build/bench', `scan_${options.cc}.wasm`);
  mkdirSync(dirname(out), { recursive: true });
  if (options.cc === 'emcc') execFileSync('emcc', [...common, '--no-entry', '-sSTANDALONE_WASM', '-sALLOW_MEMORY_GROWTH', '-sMAXIMUM_MEMORY=4294967296', '-o', out]);
  else execFileSync('clang-22', ['--target=wasm32-wasi', '-Wno-deprecated', '--no-wasm-opt', '-mexec-model=reactor', ...common, '-o', out]);
  return readFileSync(out);
}

const stubs = new Proxy({}, { get: () => new Proxy({}, { get: () => () => 0 }) });
const module = new WebAssembly.Module(compile());
const wasm = new WebAssembly.Instance(module, Object.fromEntries(WebAssembly.Module.imports(module).map((i) => [i.module, stubs[i.module]]))).exports;

function memoryFor(bytes) {
  const at = wasm.bench_heap(), missing = at + bytes - wasm.memory.buffer.byteLength;
  if (missing > 0) wasm.memory.grow(Math.ceil(missing / 65536));
  return at;
}

// -------------------------------------------------------------------- timing

const sorted = (list) => list.toSorted((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];
const low = (list) => {
  const tenth = sorted(list).slice(0, Math.ceil(list.length / 10));
  return tenth.reduce((a, b) => a + b) / tenth.length;
};

/** Times jobs round by round for some seconds; in a round each job runs once, or so often that it takes 0.2 ms. */
function rounds(jobs, seconds = Number(options.seconds)) {
  const list = Object.entries(jobs).map(([name, job]) => {
    for (let i = 0; i < 30; i++) job();          // V8's optimising compiler takes over
    let best = Infinity;
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      job();
      best = Math.min(best, performance.now() - start);
    }
    return { name, job, repeat: Math.max(1, Math.round(0.2 / best)), times: [] };
  });
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end || list[0].times.length < 30) {
    for (const entry of list) {
      const start = performance.now();
      for (let i = 0; i < entry.repeat; i++) entry.job();
      entry.times.push((performance.now() - start) / entry.repeat);
    }
  }
  return Object.fromEntries(list.map(({ name, times }) => [name, times]));
}

/** The faster of two jobs in each round. */
const fastest = (a, b) => a.map((t, i) => Math.min(t, b[i]));
const ratio = (times, limit) => `${(low(times) / low(limit)).toFixed(2)} (${median(times.map((t, i) => t / limit[i])).toFixed(2)})`;
const ms = (times) => `${low(times).toFixed(4)} (${median(times).toFixed(4)})`;

// --------------------------------------------------------------------- tables

let table = [];
const show = (row) => { table.push(row); };
function print() {
  if (options.json) console.log(JSON.stringify(table));
  else if (table.length > 0) console.table(table);
  table = [];
}
const TYPES = ['f32', 'f16', 'bf16', 'int8'];

function scans(n, d) {
  const bytes = wasm.bench_bytes(n, d) >>> 0;
  if (wasm.bench_init(memoryFor(bytes), bytes, n, d) !== 0) throw new Error(`no memory for ${n} x ${d}`);
  TYPES.forEach((type, i) => {
    const t = rounds({ read1: () => wasm.read1(i), read4: () => wasm.read4(i), dots: () => wasm.dots(i), top: () => wasm.scan(i, 10), f32: () => wasm.scan(0, 10) });
    const limit = fastest(t.read1, t.read4);
    show({ rows: `${type} ${n} x ${d}`, 'read ms': ms(limit), 'dots ms': ms(t.dots), 'top10 ms': ms(t.top),
      'dots/read': ratio(t.dots, limit), 'top10/read': ratio(t.top, limit), 'top10/f32': ratio(t.top, t.f32) });
  });
  const t = rounds({ top: () => wasm.scan(4, 10), f32: () => wasm.scan(0, 10) });
  show({ rows: `certified ${n} x ${d}`, 'top10 ms': ms(t.top), 'top10/f32': ratio(t.top, t.f32) });
}

function fold(n, d) {
  const bytes = wasm.fold_bytes(n, d) >>> 0;
  if (wasm.fold_init(memoryFor(bytes), bytes, n, d) !== 0) throw new Error('no memory');
  const flops = n * d * (d + 1) + d ** 3 / 3 + 2 * d * d, steps = 2000;
  const times = rounds({ peak: () => wasm.peak(steps, 0.999, 0.001), update: () => wasm.fold(3, n, d), factor: () => wasm.fold(7, n, d),
    all: () => wasm.fold(15, n, d) });
  const floor = times.peak.map((t) => t * flops / (steps * 96));
  show({ fold: `d ${d}, ${n} events`, 'GFLOP/s peak': (steps * 96 / low(times.peak) / 1e6).toFixed(1), 'floor ms': ms(floor),
    'update ms': ms(times.update), '+ factor ms': ms(times.factor), 'all ms': ms(times.all), 'all/floor': ratio(times.all, floor) });
}

/** A matrix [n, d] times a vector in column form: what a step of a recurrent network consists of. */
function column(n, d) {
  const bytes = wasm.fold_bytes(n, d) >>> 0, steps = 2000;
  if (wasm.fold_init(memoryFor(bytes), bytes, n, d) !== 0) throw new Error('no memory');
  const times = rounds({ peak: () => wasm.peak(steps, 0.999, 0.001), column: () => wasm.fold(16, n, d) });
  const floor = times.peak.map((t) => t * 2 * n * d / (steps * 96));
  show({ 'column form': `${n} inputs, ${d} outputs`, 'floor ms': ms(floor), 'ms': ms(times.column), 'ms/floor': ratio(times.column, floor) });
}

if (!options.json) console.log(`${options.cc}, Node ${process.version}`);
for (const size of options.sizes.split(',').filter(Boolean)) scans(...size.split('x').map(Number));
if (options.plot) writeFileSync(options.plot, plot(table));
print();
for (const [n, d] of [[20, 64], [100, 64], [20, 128], [100, 128]]) fold(n, d);
print();
for (const [n, d] of [[64, 256], [64, 192], [128, 512]]) column(n, d);
print();
