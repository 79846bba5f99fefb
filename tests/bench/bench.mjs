#!/usr/bin/env node
// bench.mjs [--quick] - everything that is measured, one after the other, on an otherwise quiet machine: kernels natively,
// scans and the fold-in in wasm beside the machine's own limits, the same beside ONNX Runtime Web and plain JavaScript,
// the command line's own bench, and the page in Chromium. Ends with a plot, build/bench/scan.svg. Times are
// never tests: on shared machines only the ratios of one run mean something.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plot } from './plot.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const out = join(root, 'build/bench');
const quick = process.argv.includes('--quick');
const rounds = quick ? 5 : 40;
mkdirSync(out, { recursive: true });

function title(words) { console.log(`\n== ${words}\n`); }
function show(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) { console.error(`${command} ${args.join(' ')} ended with ${status}`); process.exitCode = 1; }
}
const script = (name, ...args) => show(process.execPath, join('tests/bench', name), ...args);

title('kernels natively: GB/s and time over the fastest read of the same bytes');
execFileSync('cc', ['-std=c11', '-O3', '-ffp-contract=off', '-fno-math-errno', '-D_POSIX_C_SOURCE=200809L', '-DINK_MAY_USE_LIBC=1',
  ...['core/include', 'core/base', 'core/kernel'].map((dir) => `-I${dir}`), 'tests/bench/bench_kernels.c',
  'build/native/libink_kernel.a', 'build/native/libink_base.a', '-o', join(out, 'bench_kernels')], { cwd: root });
for (const rows of quick ? ['10000'] : ['10000', '100000', '1000000']) show(join(out, 'bench_kernels'), rows, '64', String(rounds));

title('scans and fold-in in wasm SIMD128, beside the machine\'s limits');
const sizes = quick ? '10000x64' : '10000x64,100000x64,1000000x64';
const scan = spawnSync(process.execPath, ['tests/bench/bench_scan.mjs', '--json', '--seconds', quick ? '0.5' : '3', '--sizes', sizes],
  { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'] });
const tables = scan.stdout.trim().split('\n').map((line) => JSON.parse(line)), [scans] = tables;
for (const table of tables) console.table(table);

title('beside ONNX Runtime Web and plain JavaScript');
script('bench_peers.mjs', '--rounds', String(rounds), '--sizes', sizes);

title('one new event and the slate that follows, natively');
for (const items of quick ? ['10000'] : ['10000', '100000']) show('build/inkling', 'bench', '--items', items, '--dimensions', '64');

title('a page in Chromium, from navigation to the first slate');
script('bench_page.mjs', '--rounds', quick ? '3' : '15');

writeFileSync(join(out, 'scan.svg'), plot(scans));
console.log('\nplot: build/bench/scan.svg');
