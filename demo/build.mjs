#!/usr/bin/env node
// build.mjs [--pack FILE] [--out FOLDER] - the page, from the package as it is published: checks the types, bundles the
// page and its service worker, and lays everything that a static host needs into one folder (default build/demo).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, '..'), dist = join(root, 'web/dist');
const require = createRequire(join(root, 'web/package.json'));
const STATIC = ['index.html', 'demo.css', 'icon.svg', 'manifest.webmanifest'];
const CORE = ['inkling.wasm', 'inkling-scalar.wasm'];

/** Builds the page around a pack. Gives the folder. */
export async function buildDemo({ pack = join(root, 'build/data/movielens-page.safetensors'), out = join(root, 'build/demo') } = {}) {
  if (!existsSync(join(dist, 'index.js'))) throw new Error('web/dist is not there; \'./run build\' makes it');
  if (!existsSync(pack)) throw new Error(`${pack} is not there; demo/terminal.mjs (or './run demo') trains it`);
  const { build } = require('esbuild');
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', here], { stdio: 'inherit' });
  mkdirSync(out, { recursive: true });
  for (const name of STATIC) copyFileSync(join(here, name), join(out, name));
  for (const name of CORE) copyFileSync(join(dist, name), join(out, name));
  copyFileSync(pack, join(out, 'movies.safetensors'));

  const digest = (file) => createHash('sha256').update(readFileSync(file)).digest();
  const common = { bundle: true, format: 'esm', target: 'es2022', minify: true, legalComments: 'none', logLevel: 'warning', absWorkingDir: here };
  await build({ ...common, entryPoints: ['demo.ts'], outfile: join(out, 'demo.js'),
    alias: { inkling: join(dist, 'index.js'), '#platform': join(dist, 'platform_web.js') },
    define: { PACK: JSON.stringify({ url: 'movies.safetensors', integrity: `sha256-${digest(pack).toString('base64')}` }) } });
  const files = [...STATIC, ...CORE, 'demo.js'];
  const version = createHash('sha256').update(Buffer.concat(files.map((name) => digest(join(out, name))))).digest('hex').slice(0, 12);
  await build({ ...common, entryPoints: ['sw.ts'], outfile: join(out, 'sw.js'),
    define: { VERSION: JSON.stringify(version), FILES: JSON.stringify(['./', ...files]) } });
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const given = (name) => { const i = process.argv.indexOf(name); return i < 0 ? undefined : resolve(process.argv[i + 1]); };
  const pack = given('--pack'), out = given('--out');
  console.log(`the page is in ${await buildDemo({ ...(pack ? { pack } : {}), ...(out ? { out } : {}) })}`);
}
