#!/usr/bin/env node
// serve.mjs PACK [--port N] - answers from a pack under workerd on this machine. It writes the
// configuration (build/edge/workerd.capnp: the package's files, the module and the pack as imports, as
// a deployment would upload them) and runs workerd until it is ended. Port 0 lets the system choose;
// the line "listening on http://127.0.0.1:N" tells which.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'web/dist');

/** A script of the package and all that it imports by a relative path. */
function closure(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const [, from] of readFileSync(join(dist, entry), 'utf8').matchAll(/from\s*['"]\.\/([^'"]+\.js)['"]/g)) closure(from, seen);
  return seen;
}

/** workerd's configuration: what the worker imports, by name. */
export function configuration(pack, folder) {
  const embed = (path) => JSON.stringify(relative(folder, path));
  const scripts = [...closure('edge.js')].map((file) => [file === 'edge.js' ? 'inkling/edge' : `inkling/${file}`, join(dist, file)]);
  const modules = [
    ...['workerd_main.mjs', 'worker.mjs', 'worker_request.mjs'].map((file) => [file, join(root, 'edge', file)]),
    ...scripts,
  ].map(([name, path]) => `    (name = ${JSON.stringify(name)}, esModule = embed ${embed(path)}),`);
  return `# Written by serve.mjs.
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
${modules.join('\n')}
    (name = "inkling/inkling.wasm", wasm = embed ${embed(join(root, 'build/wasm/inkling.wasm'))}),
    (name = "pack.safetensors", data = embed ${embed(pack)}),
  ],
  compatibilityDate = "2024-09-23",
);
`;
}

/** Starts workerd; gives its address once it listens, and a way to end it. */
export function serve(pack, port = 0) {
  const folder = join(root, 'build/edge');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, `workerd-${process.pid}.capnp`);
  writeFileSync(config, configuration(resolve(pack), folder));
  const binary = join(root, 'node_modules/@cloudflare', `workerd-linux-${process.arch === 'x64' ? '64' : process.arch}`, 'bin/workerd');
  const child = spawn(binary, ['serve', config, `--socket-addr=http=127.0.0.1:${port}`, '--control-fd=3'], { stdio: ['ignore', 'inherit', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => { said += chunk; });
  return new Promise((done, fail) => {
    let heard = '';
    child.stdio[3].on('data', (chunk) => {
      heard += chunk;
      const listening = heard.match(/"event":"listen","socket":"http","port":(\d+)/);
      if (listening) done({ url: `http://127.0.0.1:${listening[1]}`, child, end: () => new Promise((r) => { child.once('close', r); child.kill(); }) });
    });
    child.once('close', (code) => fail(new Error(`workerd ended with ${code}: ${said.trim()}`)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [pack, option, port] = process.argv.slice(2);
  if (!pack || (option && option !== '--port')) { console.error('usage: serve.mjs PACK [--port N]'); process.exit(2); }
  const { url, child, end } = await serve(pack, Number(port ?? 8787));
  console.log(`listening on ${url}`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { void end(); });
  child.once('close', (code) => process.exit(code ?? 0));
}
