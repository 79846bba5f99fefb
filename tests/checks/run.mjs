#!/usr/bin/env node
// run.mjs - the checks, and for each check the proof that it can fail: a broken sample in a
// temporary folder, or a broken object file, must be refused with the right words.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as layers from './layers.mjs';
import * as sizes from './sizes.mjs';
import * as style from './style.mjs';
import { faultsOf } from '../../wasm/check.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const only = process.argv[2];            // --source: only what needs no build
let passed = 0, failed = 0;

function report(name, faults) {
  if (faults.length === 0) { passed++; console.log(`ok   ${name}`); return; }
  failed++;
  console.log(`FAIL ${name}`);
  for (const fault of faults) console.log(`     ${fault}`);
}

/** The sample must be refused, and one of its faults must match. */
function mustFail(name, faults, words) {
  const hit = faults.some((fault) => words.test(fault));
  report(`refused: ${name}`, hit ? [] : [`expected a fault like ${words}, got: ${faults.join('; ') || 'none'}`]);
}

function withTree(files, use) {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-check-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const run = (command, args, cwd = root) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { status: error ? -1 : status, text: `${stdout ?? ''}${stderr ?? ''}${error ? error.message : ''}` };
};
const linesOf = ({ status, text }) => (status === 0 ? [] : text.trim().split('\n').concat(`exit ${status}`));

// -------------------------------------------------------------------- layers

const header = '/* h */\n';
const manifest = { 'web/package.json': '{"dependencies":{}}' };

function layersSelfTest() {
  const cases = [
    ['a kernel that includes a model', { 'core/kernel/k.c': '/* */\n#include "m.h"\n', 'core/model/m.h': header }, /m\.h" is in model, which kernel may not use/],
    ['a model that includes the pack', { 'core/model/m.c': '/* */\n#include "p.h"\n', 'core/pack/p.h': header }, /which model may not use/],
    ['an evaluation that reaches into the engine', { 'core/eval/e.c': '/* */\n#include "engine.h"\n', 'core/engine/engine.h': header }, /which eval may not use/],
    ['a core file that includes stdio', { 'core/rank/r.c': '/* */\n#include <stdio.h>\n' }, /knows no C library/],
    ['intrinsics outside the kernels', { 'core/rank/r.c': '/* */\n#include <immintrin.h>\n' }, /knows no C library/],
    ['a header that is nowhere', { 'core/rank/r.c': '/* */\n#include "gone.h"\n' }, /nowhere in the tree/],
    ['two headers of one name', { 'core/rank/x.h': header, 'core/model/x.h': header }, /the same name/],
    ['a package file that imports the tests', { 'web/src/a.ts': "import { x } from '../../tests/y.mjs';\n" }, /web\/src may not use/],
    ['a package file that imports what is not declared', { 'web/src/a.ts': "import fs from 'left-pad';\n" }, /imports 'left-pad'/],
    ['a page script that imports the package from inside', { 'demo/d.ts': "import { open } from '../web/src/index.js';\n" }, /demo may not use/],
    ['a worker that imports node', { 'edge/w.mjs': "import { readFileSync } from 'node:fs';\n" }, /imports 'node:fs'/],
  ];
  for (const [name, files, words] of cases) withTree({ ...manifest, ...files }, (folder) => mustFail(name, layers.check(folder), words));
  const good = { ...manifest, 'core/model/m.c': '/* */\n#include <stdint.h>\n#include "k.h"\n', 'core/kernel/k.h': header };
  withTree(good, (folder) => report('accepted: a model that includes a kernel', layers.check(folder)));
}

// --------------------------------------------------------------------- style

function styleSelfTest() {
  const readme = { 'core/rank/README.md': '# rank\n' };
  const body = (n) => `/* r.c */\nint f(void) {\n${'  g();\n'.repeat(n)}}\n`;
  const cases = [
    ['a function of 121 lines', { ...readme, 'core/rank/r.c': body(119) }, /a function of 121 lines/],
    ['a file of 801 lines', { ...readme, 'core/rank/r.c': `/* */\n${'int x;\n'.repeat(800)}` }, /801 lines/],
    ['a file without a head', { ...readme, 'core/rank/r.c': 'int x;\n' }, /head is missing/],
    ['a tab', { ...readme, 'core/rank/r.c': '/* */\n\tint x;\n' }, /a tab/],
    ['an unfinished place', { ...readme, 'core/rank/r.c': `/* ${'TO' + 'DO'} later */\n` }, /unfinished/],
    ['a room without a README', { 'core/rank/r.c': '/* */\n' }, /no README/],
    ['any in TypeScript', { 'web/README.md': '#\n', 'web/src/a.ts': '// a\nlet x: any;\n' }, /'any'/],
  ];
  for (const [name, files, words] of cases) withTree(files, (folder) => mustFail(name, style.check(folder), words));
  withTree({ ...readme, 'core/rank/r.c': body(118) }, (folder) => report('accepted: a function of 120 lines', style.check(folder)));
}

// ------------------------------------------------------------------- symbols

const COMPILERS = [['native', ['gcc', '-O2', '-c']], ['wasm', ['clang-22', '--target=wasm32-wasi', '-Wno-deprecated', '-O2', '-c']]];

function symbolsOf(build) {
  const rooms = ['base', 'kernel', 'pack', 'model', 'rank', 'engine', 'train', 'eval'];
  const pairs = rooms.map((room) => [room, join(root, 'build', build, `libink_${room}.a`)]);
  const absent = pairs.filter(([, path]) => !existsSync(path)).map(([, path]) => `${path} is not built`);
  return absent.length ? absent : linesOf(run(join(here, 'symbols.sh'), pairs.map(([room, path]) => `${room}=${path}`)));
}

function symbolsSelfTest() {
  const cases = [
    ['a counter in .bss', 'static int n; int f(void) { return ++n; }\n', /mutable state/],
    ['a setting in .data', 'int n = 5; int f(void) { return n++; }\n', /mutable state/],
    ['a thread-local', '_Thread_local int n; int f(void) { return n++; }\n', /mutable state/],
    ['a call of the C library', 'int puts(const char *); int f(void) { return puts("x"); }\n', /undefined: puts/],
    ['a call of malloc', 'void *malloc(unsigned long); void *f(void) { return malloc(8); }\n', /undefined: malloc/],
  ];
  for (const [kind, compiler] of COMPILERS) {
    for (const [name, text, words] of cases) {
      withTree({ 'x.c': text }, (folder) => mustFail(`${kind}: ${name}`, sample(compiler, folder), words));
    }
    const good = 'static const int t[2] = { 1, 2 }; int f(int i) { return t[i & 1]; }\n';
    withTree({ 'x.c': good }, (folder) => report(`${kind}: accepted: a constant table`, sample(compiler, folder)));
  }
}

function sample([command, ...flags], folder) {
  const built = run(command, [...flags, 'x.c', '-o', 'x.o'], folder);
  if (built.status !== 0) return [built.text];
  run('llvm-ar-22', ['rcs', 'x.a', 'x.o'], folder);
  return linesOf(run(join(here, 'symbols.sh'), [`base=${join(folder, 'x.a')}`]));
}

// ------------------------------------------------------------ module, bindings

const leb = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]);
const text = (s) => [...leb(s.length), ...Buffer.from(s)];
const section = (id, body) => [id, ...leb(body.length), ...body];
/** A module with one function type () -> (), the given imports and exported functions. */
function tinyModule({ imports = [], exports = [] }) {
  const type = section(1, [1, 0x60, 0, 0]);
  const imp = imports.length ? section(2, [imports.length, ...imports.flatMap((n) => [...text('env'), ...text(n), 0, 0])]) : [];
  const functions = section(3, [...leb(exports.length), ...exports.map(() => 0)]);
  const memory = section(5, [1, 0, 1]);
  const exp = section(7, [...leb(exports.length + 1), ...exports.flatMap((n, i) => [...text(n), 0, ...leb(imports.length + i)]), ...text('memory'), 2, 0]);
  const code = section(10, [...leb(exports.length), ...exports.flatMap(() => [2, 0, 0x0b])]);
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...imp, ...functions, ...memory, ...exp, ...code]);
}

function moduleSelfTest() {
  const { calls } = JSON.parse(readFileSync(join(root, 'wasm/exports.json'), 'utf8'));
  const names = calls.filter((c) => c.name).map((c) => c.name);
  report('accepted: a module with exactly the listed exports', faultsOf(tinyModule({ exports: names })));
  mustFail('a module with an import', faultsOf(tinyModule({ imports: ['clock'], exports: names })), /imports env\.clock/);
  mustFail('a module with one export too many', faultsOf(tinyModule({ exports: [...names, 'malloc'] })), /exports the function malloc/);
  mustFail('a module with one export too few', faultsOf(tinyModule({ exports: names.slice(1) })), new RegExp(`does not export ${names[0]}`));
  mustFail('a module over its budget', faultsOf(tinyModule({ exports: names }), 64), /after brotli; the budget is 64/);
  const noise = randomBytes(40_000);       // 40,000 bytes that do not compress: under one budget, twice over the other
  mustFail('a download over its budget', sizes.sizeFaults({ 'inkling.wasm': noise, 'inkling.min.js': noise }), /with the API/);
}

function bindingsSelfTest() {
  const files = ['wasm/gen.mjs', 'wasm/exports.json', 'wasm/README.md', 'wasm/exports.gen', 'wasm/layout.gen.h',
    'web/src/bindings.gen.ts', 'core/include/inkling.h'];
  const stale = (path, from, to) => withTree({}, (folder) => {
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      copyFileSync(join(root, file), join(folder, file));
    }
    const old = readFileSync(join(folder, path), 'utf8');
    if (!old.includes(from)) return [`${path} has no "${from}"`];
    writeFileSync(join(folder, path), old.replace(from, to));
    return linesOf(run(process.execPath, ['wasm/gen.mjs', '--check'], folder));
  });
  mustFail('bindings after a struct has grown', stale('core/include/inkling.h', 'uint32_t n_items;', 'uint32_t n_items, n_more;'), /bindings\.gen\.ts is not what/);
  mustFail('bindings edited by hand', stale('web/src/bindings.gen.ts', 'ALIGN = 64', 'ALIGN = 32'), /bindings\.gen\.ts is not what/);
  mustFail('a call added to the list alone', stale('wasm/exports.json', '"name": "score"', '"name": "score2"'), /exports\.gen is not what/);
}

report('includes and imports point one way', layers.check(root));
report('files, functions and words keep to the style', style.check(root));
report('generated files are what gen.mjs makes', linesOf(run(process.execPath, ['wasm/gen.mjs', '--check'])));
layersSelfTest();
styleSelfTest();
moduleSelfTest();
bindingsSelfTest();
if (only !== '--source') {
  report('native rooms: no mutable state, no foreign symbol', symbolsOf('native'));
  report('wasm rooms: no mutable state, no foreign symbol', symbolsOf('wasi'));
  symbolsSelfTest();
  for (const name of ['inkling.wasm', 'inkling-scalar.wasm']) {
    report(`${name}: imports, exports, size`, linesOf(run(process.execPath, ['wasm/check.mjs', `build/wasm/${name}`])));
  }
  report('downloads are within their budgets', sizes.check(root, (line) => console.log(`     ${line}`)));
}
console.log(`checks: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
