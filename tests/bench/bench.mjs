#!/usr/bin/env node
// bench.mjs - everything that is measured, one after the other, each beside its own limit or peer in the
// same run: kernels natively, scans, fold-in and recurrent networks in wasm, every family served, ONNX Runtime Web and plain JavaScript, a page from
// navigation to first slate, and a whole pack on the command line. `./run bench` calls it; keep the
// machine quiet meanwhile. Output goes to the terminal and to build/bench/report.txt.
// A plot of the scans is left in build/bench/scan.svg. What is passed on the command line goes to the scripts that
// work in rounds: bench.mjs --rounds 5 is a quick look.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(root);
const report = 'build/bench/report.txt', more = process.argv.slice(2);
mkdirSync('build/bench', { recursive: true });
writeFileSync(report, '');

function say(text) {
  process.stdout.write(text);
  appendFileSync(report, text);
}

function run(title, command, args) {
  say(`\n== ${title}\n$ ${[command, ...args].join(' ')}\n`);
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  say(stdout ?? '');
  if (status !== 0) { say(`exit ${status}: ${error ?? stderr}\n`); process.exitCode = 1; }
}

const node = process.execPath, pack = 'build/data/movielens.safetensors';
say(`${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, node ${process.version}\n`);
run('build of the native measurements', 'cmake', ['--build', '--preset', 'native', '--target', 'bench_kernels']);
run('kernels, native', 'build/native/tests/bench_kernels', []);
run('scans and fold-in, wasm SIMD128', node, ['tests/bench/bench_scan.mjs', '--plot', 'build/bench/scan.svg']);
run('beside ONNX Runtime Web and plain JavaScript', node, ['tests/bench/bench_peers.mjs', ...more]);
run('LSTM and GRU beside their flops and ONNX Runtime Web', node, ['tests/bench/bench_recurrent.mjs']);
run('every family served, wasm SIMD128', node, ['tests/bench/bench_families.mjs']);
run('navigation to first slate, Chromium', node, ['tests/bench/bench_page.mjs', ...more]);
if (!existsSync(pack)) run('the demo\'s pack', node, ['demo/terminal.mjs']);
run('a pack of real ratings, native command', 'build/inkling', ['bench', pack]);
console.log(`\nkept in ${report}`);
