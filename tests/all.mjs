#!/usr/bin/env node
// all.mjs [STEP...] - every test there is, step by step; the last line is "N passed, N failed".
//
// A program reports by its last line of the form "P passed, F failed" (node's own test runner by
// "pass P" and "fail F"). An exit code other than 0 without a failed test is a crash and counts as
// one failure; so does a program that ran no test. "skip: REASON" lines are collected and shown at
// the end. Programs of a step run two at a time, except where they would disturb each other.
// `./run build` comes first; steps that need another build make it themselves.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const FUZZ_SECONDS = Number(process.env.INK_FUZZ_SECONDS ?? 10);
const node = process.execPath;
const skips = [];
const total = { passed: 0, failed: 0 };

// ------------------------------------------------------------------ programs

/** Runs a command, gives its exit code (-1 when it was ended) and what it printed. */
function run(command, args, { seconds = 300, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let text = '';
    child.stdout.on('data', (chunk) => { text += chunk; });
    child.stderr.on('data', (chunk) => { text += chunk; });
    const timer = setTimeout(() => { text += `\nended after ${seconds} s\n`; child.kill('SIGKILL'); }, seconds * 1000);
    child.on('error', (error) => { clearTimeout(timer); resolve({ code: -1, text: String(error) }); });
    child.on('close', (code, signal) => { clearTimeout(timer); resolve({ code: code ?? -1, text: signal ? `${text}\nended by ${signal}\n` : text }); });
  });
}

/** What a program's output says: the last summary in the form of testlib.h or of node's runner. */
export function countsOf(code, text) {
  const own = [...text.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  const pass = [...text.matchAll(/^(?:#|ℹ) pass (\d+)$/gm)].at(-1), fail = [...text.matchAll(/^(?:#|ℹ) fail (\d+)$/gm)].at(-1);
  let [passed, failed] = own ? [Number(own[1]), Number(own[2])] : pass && fail ? [Number(pass[1]), Number(fail[1])] : [0, 0];
  if (failed === 0 && (code !== 0 || passed === 0)) failed = 1;       // a crash, or no test at all
  return { passed, failed };
}

/** Of a long report each failure with what stands below it, and the end. */
function worthReading(text) {
  const lines = text.trimEnd().split('\n'), wanted = new Set();
  const add = (from, n) => { for (let i = Math.max(0, from); i < Math.min(lines.length, from + n); i++) wanted.add(i); };
  lines.forEach((line, i) => { if (/^\s*not ok\b/.test(line) && wanted.size < 120) add(i, 12); });
  add(lines.length - (wanted.size ? 10 : 60), 60);
  return [...wanted].sort((a, b) => a - b).map((i) => lines[i]);
}

async function inPool(jobs, width) {
  const waiting = [...jobs];
  const worker = async () => { for (let job = waiting.shift(); job; job = waiting.shift()) await job(); };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Runs programs { name, command, args, seconds?, env? } and prints one line each, more of those that failed. */
async function programs(step, list, { width = Math.min(2, availableParallelism()) } = {}) {
  const sum = { passed: 0, failed: 0 };
  await inPool(list.map((p) => async () => {
    const started = Date.now();
    const { code, text } = await run(p.command, p.args, p);
    const { passed, failed } = countsOf(code, text);
    sum.passed += passed;
    sum.failed += failed;
    for (const [, reason] of text.matchAll(/^\s*(?:skip(?:ped)?: |﹣ .*# SKIP |ok \d+ .*# SKIP )(.+)$/gm)) skips.push(`${step}, ${p.name}: ${reason}`);
    console.log(`${failed ? 'FAIL' : 'ok  '} ${p.name}: ${passed} passed, ${failed} failed (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (failed) console.log(worthReading(text).map((l) => `     ${l}`).join('\n') + (code ? `\n     exit ${code}` : ''));
  }), width);
  return sum;
}

/** A build that fails is one failed test of its step. */
async function built(preset) {
  const configured = await run('cmake', ['--preset', preset], { seconds: 120 });
  const made = configured.code ? configured : await run('cmake', ['--build', '--preset', preset], { seconds: 1500 });
  if (made.code === 0) return true;
  console.log(`FAIL build of preset ${preset}\n${made.text.trimEnd().split('\n').slice(-40).join('\n')}`);
  return false;
}

/** The test programs of a preset's build folder, each run as `wrap` says. */
function suite(folder, wrap = (path) => ({ command: path, args: [] })) {
  const list = join('build', folder, 'tests/programs.txt');
  if (!existsSync(list)) return [];
  return readFileSync(list, 'utf8').split('\n').filter(Boolean).map((path) => ({ name: basename(path), ...wrap(path) }));
}

/** Scripts of a folder, for node's runner or to run as they are. */
function scripts(folder, pattern, args = []) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((f) => pattern.test(f)).sort()
    .map((f) => ({ name: f, command: node, args: [...args, join(folder, f)] }));
}

// --------------------------------------------------------------------- steps

const underNode = (path) => ({ command: node, args: ['--no-warnings', 'tests/run_wasi.mjs', path] });
const underWasmtime = (path) => ({ command: 'build/venv/bin/python', args: ['tests/run_wasmtime.py', path] });

async function withBuild(step, preset, list, options) {
  return (await built(preset)) ? programs(step, list(), options) : { passed: 0, failed: 1 };
}

async function fuzz(step) {
  if (!(await built('fuzz'))) return { passed: 0, failed: 1 };
  const targets = suite('fuzz', (path) => {
    const corpus = join('tests/fuzz/corpus', basename(path).replace('fuzz_', ''));
    return { command: node, args: ['tests/fuzz/run.mjs', path, corpus, String(FUZZ_SECONDS)], seconds: FUZZ_SECONDS + 120 };
  });
  return targets.length ? programs(step, targets) : { passed: 0, failed: 0 };
}

const STEPS = {
  checks: (s) => programs(s, [{ name: 'checks', command: node, args: ['tests/checks/run.mjs'] },
                              { name: 'all_test', command: node, args: ['tests/all_test.mjs'] },
                              ...scripts('tests/house', /\.test\.mjs$/, ['--test', '--test-reporter=tap'])]),
  native: (s) => withBuild(s, 'native', () => suite('native')),
  sanitizers: (s) => withBuild(s, 'debug', () => suite('debug', (path) => ({ command: path, args: [], seconds: 900,
    env: { ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1', UBSAN_OPTIONS: 'print_stacktrace=1' } }))),
  wasm: (s) => withBuild(s, 'wasi', () => suite('wasi', underNode)),
  // A second engine for what must have the same bits everywhere; the rest has run in the first.
  wasmtime: (s) => withBuild(s, 'wasi', () => suite('wasi', underWasmtime).filter(({ name }) => /^(diff_|bits|contract|test_(gemm|scan|fmath|factor|engine))/.test(name))),
  neon: (s) => (process.arch === 'x64' ? withBuild(s, 'neon', () => suite('neon', (path) => ({ command: 'qemu-aarch64', args: [path], seconds: 900 })))
    : skip(s, 'this machine is not x86-64')),
  fuzz,
  cli: (s) => programs(s, scripts('tests/cli', /\.test\.mjs$/, ['--test', '--test-reporter=tap'])),
  edge: (s) => programs(s, scripts('tests/edge', /\.test\.mjs$/, ['--test', '--test-reporter=tap'])),
  web: (s) => programs(s, scripts('web/test', /\.test\.(mjs|js|ts)$/, ['--test', '--test-reporter=tap'])),
  browsers: (s) => programs(s, existsSync('tests/web/run.mjs') ? [{ name: 'tests/web/run.mjs', command: node, args: ['tests/web/run.mjs'], seconds: 900 }] : [], { width: 1 }),
  bits: (s) => programs(s, existsSync('tests/bits/same_bits.mjs') ? [{ name: 'same_bits', command: node, args: ['tests/bits/same_bits.mjs'], seconds: 900 }] : [], { width: 1 }),
};

function skip(step, reason) {
  skips.push(`${step}: ${reason}`);
  return { passed: 0, failed: 0 };
}

async function main(wanted) {
  const unknown = wanted.filter((name) => !STEPS[name]);
  if (unknown.length) throw new Error(`no step ${unknown.join(', ')}; there are ${Object.keys(STEPS).join(', ')}`);
  const lines = [];
  for (const name of wanted.length ? wanted : Object.keys(STEPS)) {
    console.log(`\n== ${name}`);
    const started = Date.now();
    const { passed, failed } = await STEPS[name](name);
    total.passed += passed;
    total.failed += failed;
    const line = `${name.padEnd(11)} ${passed} passed, ${failed} failed, ${((Date.now() - started) / 1000).toFixed(0)} s`;
    console.log(line);
    lines.push(line);
  }
  console.log(`\n== summary\n${lines.join('\n')}`);
  for (const reason of new Set(skips)) console.log(`skipped: ${reason}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed || !total.passed ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
