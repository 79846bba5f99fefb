#!/usr/bin/env node
// node_answers.mjs COMMAND.wasm [WORD...] - what wasmtime_answers.py does, in Node: runs a WASI command
// once for each line of standard input, in a fresh instance, and prints each answer on a line.
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';

process.removeAllListeners('warning');           // node:wasi calls itself experimental on each run
const { WASI } = await import('node:wasi');
const args = argv.slice(2), module = new WebAssembly.Module(readFileSync(args[0]));
const folder = mkdtempSync(join(tmpdir(), 'inkling-bits-')), [input, output] = ['stdin', 'stdout'].map((name) => join(folder, name));
const alive = [];                               // a WASI object that is collected closes its descriptors, whoever has them by then

let bodies = '';
for await (const chunk of process.stdin.setEncoding('utf8')) bodies += chunk;
for (const body of bodies.split('\n').filter(Boolean)) {
  writeFileSync(input, body);
  writeFileSync(output, '');
  const wasi = new WASI({ version: 'preview1', args, preopens: { '.': '.' }, stdin: openSync(input, 'r'), stdout: openSync(output, 'w'), returnOnExit: true });
  alive.push(wasi);
  const code = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
  const text = readFileSync(output, 'utf8').trim();
  process.stdout.write(`${code === 0 ? text : JSON.stringify({ error: `exit ${code}: ${text}` })}\n`);
}
rmSync(folder, { recursive: true });
