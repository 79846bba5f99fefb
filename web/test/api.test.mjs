// api.test.mjs - the shared cases under Node; tests/web runs the same file in browsers.
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { open, openSync } from 'inkling';
import { cases } from './api.cases.mjs';
import { makePack } from './fixture.mjs';

const module = new WebAssembly.Module(readFileSync(new URL('../dist/inkling.wasm', import.meta.url)));
const scalar = new WebAssembly.Module(readFileSync(new URL('../dist/inkling-scalar.wasm', import.meta.url)));

for (const [how, options, wasm] of [['own module', {}, module], ['scalar module', { wasm: scalar }, scalar]]) {
  for (const [name, run] of cases) test(`${how}: ${name}`, () => run({ open, openSync, module: wasm, pack: makePack(), options }));
}
