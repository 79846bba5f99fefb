// lib.mjs - what the measurements in wasm share: the module, memory for its tables, and time taken in turns.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

// -------------------------------------------------------------------- module

/** Is a file in this list of wasm/CMakeLists.txt? Some are compiled for speed, all others for size there, and so here, with its flags. */
function filesOf(list, more = '') {
  const [, names] = new RegExp(`${list}\\s+"([^"]+)"`).exec(readFileSync(join(root, 'wasm/CMakeLists.txt'), 'utf8'));
  const pattern = new RegExp(`/(${names}${more})\\.c$`);
  return (path) => pattern.test(path);
}

/** Compiles the core and the measured loops (scan_wasm.c, recurrent_wasm.c) with `emcc` or `clang`; the module's exports. */
export function benchModule(compiler = 'emcc', flags = []) {
  const rooms = ['core/base', 'core/kernel', 'core/model', 'core/rank'], build = join(root, 'build/bench'), objects = join(build, compiler);
  const sources = rooms.flatMap((room) => readdirSync(join(root, room)).filter((f) => f.endsWith('.c')).map((f) => join(root, room, f)));
  const compile = ['-std=c11', '-msimd128', '-ffp-contract=off', '-fno-math-errno', '-fno-builtin-strlen', '-fno-builtin-wcslen', '-fno-vectorize',
    '-fno-slp-vectorize', '-fno-unroll-loops', ...flags,
    ...['core/include', ...rooms].map((dir) => `-I${join(root, dir)}`)];
  const emcc = compiler === 'emcc', program = emcc ? 'emcc' : 'clang-22', target = emcc ? [] : ['--target=wasm32-wasi', '-Wno-deprecated'];
  rmSync(objects, { recursive: true, force: true });
  mkdirSync(objects, { recursive: true });
  sources.push(join(root, 'tests/bench/scan_wasm.c'), join(root, 'tests/bench/recurrent_wasm.c'));
  const isHot = filesOf('INK_HOT_FILES', '|scan_wasm|recurrent_wasm'), isVector = filesOf('INK_VECTOR_FILES');
  execFileSync(program, [...target, ...compile, '-O3', '-c', ...sources.filter(isHot)], { cwd: objects });
  execFileSync(program, [...target, ...compile, '-O3', '-fvectorize', '-c', ...sources.filter(isVector)], { cwd: objects });
  execFileSync(program, [...target, ...compile, '-Oz', '-c', ...sources.filter((path) => !isHot(path) && !isVector(path))], { cwd: objects });
  const out = join(build, `bench_${compiler}.wasm`), link = ['-O3', '-Wl,--stack-first', ...readdirSync(objects).map((f) => join(objects, f)), '-o', out];
  if (emcc) execFileSync('emcc', ['--no-entry', '-sSTANDALONE_WASM', '-sALLOW_MEMORY_GROWTH', '-sMAXIMUM_MEMORY=4294967296', ...link]);
  else execFileSync('clang-22', [...target, '--no-wasm-opt', '-mexec-model=reactor', ...link]);
  const module = new WebAssembly.Module(readFileSync(out)), nothing = new Proxy({}, { get: () => () => 0 });
  return new WebAssembly.Instance(module, Object.fromEntries(WebAssembly.Module.imports(module).map((i) => [i.module, nothing]))).exports;
}

/** Where `bytes` of the module's memory lie free: everything that was there before is overwritten. */
export function roomFor(wasm, bytes) {
  const at = wasm.bench_heap(), missing = at + bytes - wasm.memory.buffer.byteLength;
  if (missing > 0) wasm.memory.grow(Math.ceil(missing / 65536));
  return at;
}

// -------------------------------------------------------------------- timing

const sorted = (list) => list.toSorted((a, b) => a - b);
export const median = (list) => sorted(list)[list.length >> 1];
/** The mean of the lowest tenth. */
export const low = (list) => {
  const tenth = sorted(list).slice(0, Math.ceil(list.length / 10));
  return tenth.reduce((a, b) => a + b) / tenth.length;
};

/**
 * Times jobs round by round, milliseconds a call. In a round each job runs once, or so often that it takes `slot` ms;
 * there are as many rounds as fit into the seconds, and 30 at least. A job may be asynchronous.
 */
export async function rounds(jobs, { seconds, slot = 0.2 }) {
  const list = [];
  for (const [name, job] of Object.entries(jobs)) {
    let best = Infinity, waits = false;
    for (let i = 0; i < 35; i++) {               // V8's optimising compiler takes over
      const start = performance.now(), result = job();
      if (result instanceof Promise) waits = true, await result;
      if (i >= 30) best = Math.min(best, performance.now() - start);
    }
    list.push({ name, job, waits, repeat: Math.max(1, Math.round(slot / best)), times: [] });
  }
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end || list[0].times.length < 30) {
    for (const { job, waits, repeat, times } of list) {
      const start = performance.now();
      if (waits) for (let i = 0; i < repeat; i++) await job();
      else for (let i = 0; i < repeat; i++) job();
      times.push((performance.now() - start) / repeat);
    }
  }
  return Object.fromEntries(list.map(({ name, times }) => [name, times]));
}

/** Of the lowest tenths, and in brackets the median of the rounds' own ratios. */
export const ratio = (times, limit) => `${(low(times) / low(limit)).toFixed(2)} (${median(times.map((t, i) => t / limit[i])).toFixed(2)})`;
/** The lowest tenth's mean, and in brackets the median. */
export const ms = (times) => `${low(times).toFixed(4)} (${median(times).toFixed(4)})`;
