#!/usr/bin/env node
// run_wasi.mjs PROGRAM.wasm [ARGUMENT...] - runs a WASI command in Node, with the whole file system
// opened under its own name and the present folder under `.`; its exit code becomes ours.
import { readFileSync } from 'node:fs';
import { argv, env, exit } from 'node:process';

process.removeAllListeners('warning');           // node:wasi calls itself experimental on each run
const { WASI } = await import('node:wasi');
const [program, ...rest] = argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: [program, ...rest], env, preopens: { '/': '/', '.': '.' }, returnOnExit: true });
const module = await WebAssembly.compile(readFileSync(program));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
exit(wasi.start(instance));
