// package.test.mjs - what npm would publish: the files, the doors, the types, and that importing does nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { equal, ok, same } from './assert.mjs';

const web = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(web, 'package.json'), 'utf8'));
const sources = readdirSync(join(web, 'src')).filter((name) => name.endsWith('.ts'));
const source = (name) => readFileSync(join(web, 'src', name), 'utf8');

test('npm would publish the build, the types and the README, and nothing else', () => {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: web, stdio: ['ignore', 'pipe', 'ignore'] }));
  const names = files.map(({ path }) => path);
  for (const name of ['README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'dist/api.d.ts', 'dist/edge.js', 'dist/worker.js',
    'dist/inkling.min.js', 'dist/inkling.wasm', 'dist/inkling-scalar.wasm']) ok(names.includes(name), `${name} is missing`);
  same(names.filter((path) => /^dist\/(readme|types-)/.test(path)), []);
  same(names.filter((path) => !path.startsWith('dist/') && !['README.md', 'package.json'].includes(path)), []);
});

test('every door of the exports map is there', () => {
  const doors = [];
  (function walk(value) { if (typeof value === 'string') doors.push(value); else for (const inner of Object.values(value)) walk(inner); })([manifest.exports, manifest.imports]);
  ok(doors.length > 10);
  for (const door of doors) ok(existsSync(join(web, door)), `${door} is not built`);
  same(manifest.sideEffects, ['./dist/worker.js']);      // nothing but the worker does anything by being imported
  same(manifest.dependencies ?? {}, {});
});

test('importing does nothing, even where there is nothing', () => {
  const script = `
    const before = new Set(Object.getOwnPropertyNames(globalThis));
    for (const name of ['fetch', 'WebAssembly', 'crypto', 'navigator', 'performance', 'Worker', 'indexedDB', 'caches', 'BroadcastChannel']) {
      Object.defineProperty(globalThis, name, { configurable: true, get() { throw new Error(name + ' was touched'); } });
      before.add(name);
    }
    const module = await import('inkling'), edge = await import('inkling/edge');
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));
    console.log(JSON.stringify([Object.keys(module).sort(), Object.keys(edge).sort(), added]));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: web, encoding: 'utf8' });
  same(JSON.parse(printed), [['InklingError', 'open', 'openSync'], ['InklingError', 'openSync'], []]);
});

for (const [module, moduleResolution] of [['NodeNext', 'NodeNext'], ['ESNext', 'Bundler']]) {
  test(`the types hold for a stranger's program (${moduleResolution})`, () => {
    const folder = join(web, 'dist', `types-${moduleResolution}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
      compilerOptions: { target: 'ES2022', module, moduleResolution, lib: ['ES2022', 'DOM'], types: [], strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false },
      files: ['../../test/types/consumer.ts'],
    }));
    try {
      execFileSync(process.execPath, [join(web, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
    } catch (error) {
      throw new Error(error.stdout);
    }
  });
}

test('one fetch, one file of pointers, files that can be read at a sitting', () => {
  const code = (name) => source(name).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  same(sources.filter((name) => /\bfetch\(/.test(code(name))), ['source.ts']);
  same(sources.filter((name) => /\b(eval|Function)\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource/.test(code(name))), []);
  same(sources.filter((name) => / as Ptr\b/.test(code(name))), ['memory.ts']);
  for (const name of sources.filter((file) => !/\.gen\.ts$|^api\.d\.ts$/.test(file))) {
    const lines = source(name).split('\n').length;
    ok(lines <= 300, `${name} has ${lines} lines`);
    ok(source(name).startsWith(`// ${name} - `), `${name} has no head`);
  }
});
