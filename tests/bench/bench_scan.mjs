#!/usr/bin/env node
// bench_scan.mjs [--cc emcc|clang] [--seconds S] [--sizes 10000x64,...] [--json] [--plot FILE.svg] - scans and fold-in in wasm SIMD128
// beside the fastest read of the same bytes and the fastest multiply-add, all in one process, round by round.
//
// The module is compiled here from tests/bench/scan_wasm.c and the core with the shipped compiler (Emscripten)
// or with clang-22, into build/bench. Jobs take turns in slots so short that most escape what else the machine
// does. Times are the mean of the lowest tenth of all slots, and ratios are taken of these; in brackets stands the
// median, of times and of the ratios inside a round.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchModule, low, ms, ratio, roomFor, rounds } from './lib.mjs';
import { plot } from './plot.mjs';

const { values: options } = parseArgs({ options: {
  cc: { type: 'string', default: 'emcc' }, seconds: { type: 'string', default: '2' },
  sizes: { type: 'string', default: '10000x64,100000x64,1000000x64' }, json: { type: 'boolean', default: false },
  flags: { type: 'string', default: '' }, plot: { type: 'string', default: '' },
} });

const wasm = benchModule(options.cc, options.flags.split(' ').filter(Boolean));
const timed = (jobs) => rounds(jobs, { seconds: Number(options.seconds) });

/** The faster of two jobs in each round. */
const fastest = (a, b) => a.map((t, i) => Math.min(t, b[i]));

// --------------------------------------------------------------------- tables

let table = [];
const show = (row) => { table.push(row); };
function print() {
  if (options.json) console.log(JSON.stringify(table));
  else if (table.length > 0) console.table(table);
  table = [];
}
const TYPES = ['f32', 'f16', 'bf16', 'int8'];

async function scans(n, d) {
  const bytes = wasm.bench_bytes(n, d) >>> 0;
  if (wasm.bench_init(roomFor(wasm, bytes), bytes, n, d) !== 0) throw new Error(`no memory for ${n} x ${d}`);
  for (const [i, type] of TYPES.entries()) {
    const t = await timed({ read1: () => wasm.read1(i), read4: () => wasm.read4(i), dots: () => wasm.dots(i), top: () => wasm.scan(i, 10), f32: () => wasm.scan(0, 10) });
    const limit = fastest(t.read1, t.read4);
    show({ rows: `${type} ${n} x ${d}`, 'read ms': ms(limit), 'dots ms': ms(t.dots), 'top10 ms': ms(t.top),
      'dots/read': ratio(t.dots, limit), 'top10/read': ratio(t.top, limit), 'top10/f32': ratio(t.top, t.f32) });
  }
  const t = await timed({ top: () => wasm.scan(4, 10), f32: () => wasm.scan(0, 10) });
  show({ rows: `certified ${n} x ${d}`, 'top10 ms': ms(t.top), 'top10/f32': ratio(t.top, t.f32) });
}

async function fold(n, d) {
  const bytes = wasm.fold_bytes(n, d) >>> 0;
  if (wasm.fold_init(roomFor(wasm, bytes), bytes, n, d) !== 0) throw new Error('no memory');
  const flops = n * d * (d + 1) + d ** 3 / 3 + 2 * d * d, steps = 2000;
  const times = await timed({ peak: () => wasm.peak(steps, 0.999, 0.001), update: () => wasm.fold(3, n, d), factor: () => wasm.fold(7, n, d),
    all: () => wasm.fold(15, n, d) });
  const floor = times.peak.map((t) => t * flops / (steps * 96));
  show({ fold: `d ${d}, ${n} events`, 'GFLOP/s peak': (steps * 96 / low(times.peak) / 1e6).toFixed(1), 'floor ms': ms(floor),
    'update ms': ms(times.update), '+ factor ms': ms(times.factor), 'all ms': ms(times.all), 'all/floor': ratio(times.all, floor) });
}

if (!options.json) console.log(`${options.cc}, Node ${process.version}`);
for (const size of options.sizes.split(',').filter(Boolean)) await scans(...size.split('x').map(Number));
if (options.plot) writeFileSync(options.plot, plot(table));
print();
for (const [n, d] of [[20, 64], [100, 64], [20, 128], [100, 128]]) await fold(n, d);
print();
