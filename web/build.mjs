#!/usr/bin/env node
// build.mjs - src/*.ts and the built modules become dist/: ES modules with types for bundlers and Node, one minified
// file for pages without a bundler, one self-contained worker. Prints what a visitor downloads and fails over budget.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const modules = process.env.INKLING_WASM ?? join(here, '../build/wasm');
const BUDGET = 60 * 1024;           // module, loader and API after brotli

for (const name of ['inkling.wasm', 'inkling-scalar.wasm']) {
  if (!existsSync(join(modules, name))) {
    console.error(`web/build.mjs: ${join(modules, name)} is not there; './run build' makes it first`);
    process.exit(1);
  }
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const name of ['inkling.wasm', 'inkling-scalar.wasm']) copyFileSync(join(modules, name), join(dist, name));
for (const name of ['api.d.ts', 'module.d.ts']) copyFileSync(join(here, 'src', name), join(dist, name));
execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '-p', here], { stdio: 'inherit' });

const banner = { js: '// inkling, Apache-2.0' };
const common = { bundle: true, format: 'esm', target: 'es2022', minify: true, legalComments: 'none', banner, absWorkingDir: here, logLevel: 'warning' };
await build({ ...common, entryPoints: ['src/index.ts'], outfile: 'dist/inkling.min.js', alias: { '#platform': './src/platform_web.ts' } });
await build({ ...common, entryPoints: ['src/worker.ts'], outfile: 'dist/worker.js', alias: { '#platform': './src/platform_web.ts' } });

const brotli = (name) => brotliCompressSync(readFileSync(join(dist, name)), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const parts = ['inkling.wasm', 'inkling.min.js'].map((name) => [name, brotli(name)]);
const total = parts.reduce((sum, [, n]) => sum + n, 0);
console.log(`web/dist: ${parts.map(([name, n]) => `${name} ${n}`).join(' + ')} = ${total} bytes after brotli (budget ${BUDGET})`);
if (total > BUDGET) process.exit(1);
