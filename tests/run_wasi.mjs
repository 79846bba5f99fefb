#!/usr/bin/env node
// run_wasi.mjs PROGRAM.wasm [ARGUMENT...] - runs a WASI command in Node, with the present folder open under
// `.`, and the top folders of it, of /tmp and of INKLING_DATA under their own names ('/' itself beside '.'
// makes absolute paths fail); its exit code becomes ours.
import { readFileSync } from 'node:fs';
import { argv, cwd, env, exit } from 'node:process';

process.removeAllListeners('warning');           // node:wasi calls itself experimental on each run
const { WASI } = await import('node:wasi');
const [program, ...rest] = argv.slice(2);
const tops = [cwd(), '/tmp', env.INKLING_DATA ?? '/tmp'].filter((path) => path.startsWith('/') && path.length > 1).map((path) => `/${path.split('/')[1]}`);
const preopens = { ...Object.fromEntries(tops.map((path) => [path, path])), '.': '.' };
const wasi = new WASI({ version: 'preview1', args: [program, ...rest], env, preopens, returnOnExit: true });
const module = await WebAssembly.compile(readFileSync(program));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
