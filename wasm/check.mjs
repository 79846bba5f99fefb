#!/usr/bin/env node
// check.mjs MODULE...: fails on any import, any export that exports.json does not list, a listed one
// that is missing, and a module that is larger than its budget once compressed. Prints one line a module.
import { readFileSync } from 'node:fs';
import { dirname, join, basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const BUDGET = 40 * 1024;           // bytes after brotli
const here = dirname(fileURLToPath(import.meta.url));
const { calls } = JSON.parse(readFileSync(join(here, 'exports.json'), 'utf8'));
const wanted = new Map([['memory', 'memory'], ...calls.filter((c) => c.name).map((c) => [c.name, 'function'])]);

/** What is wrong with a module's bytes: a list of sentences, empty when nothing is. */
export function faultsOf(bytes, budget = BUDGET) {
  const module = new WebAssembly.Module(bytes);
  const faults = WebAssembly.Module.imports(module).map((i) => `imports ${i.module}.${i.name}`);
  const found = WebAssembly.Module.exports(module);
  for (const { name, kind } of found) {
    if (wanted.get(name) !== kind) faults.push(`exports the ${kind} ${name}, which exports.json does not list`);
  }
  const names = new Set(found.map((e) => e.name));
  for (const name of wanted.keys()) if (!names.has(name)) faults.push(`does not export ${name}`);
  const size = compressed(bytes);
  if (size > budget) faults.push(`has ${size} bytes after brotli; the budget is ${budget}`);
  return faults;
}

export function compressed(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let bad = 0;
  for (const path of process.argv.slice(2)) {
    const bytes = readFileSync(path);
    const faults = faultsOf(bytes);
    for (const fault of faults) console.error(`${path}: ${fault}`);
    bad += faults.length;
    console.log(`${basename(path).replace('.out', '')}: ${bytes.length} bytes, ${compressed(bytes)} after brotli (budget ${BUDGET}), ${wanted.size} exports, no imports wanted`);
  }
  process.exit(bad ? 1 : 0);
}
