// load.test.mjs - the core from every kind of source, from servers of every manner.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { hasSimd, loadModule } from '../dist/load.js';
import { equal, fails, ok } from './assert.mjs';

const file = new URL('../dist/inkling.wasm', import.meta.url), bytes = readFileSync(file);
let server, base, lost = 0;

before(() => new Promise((resolve) => {
  server = createServer((request, response) => {
    if (request.url.startsWith('/breaks')) {
      const whole = request.url === '/breaks-once' && ++lost > 1;
      response.writeHead(200, { 'content-type': 'application/wasm', 'content-length': bytes.length });
      if (whole) return response.end(bytes);
      response.write(bytes.subarray(0, 1000));
      return setTimeout(() => response.destroy(), 15);
    }
    if (request.url === '/gone') return response.writeHead(404).end();
    const type = { '/right': 'application/wasm', '/wrong': 'text/plain', '/html': 'text/html' }[request.url];
    response.writeHead(200, type ? { 'content-type': type } : {}).end(request.url === '/html' ? '<p>sign in</p>' : bytes);
  }).listen(0, '127.0.0.1', () => { base = `http://127.0.0.1:${server.address().port}`; resolve(); });
}));
after(() => server.close());

const isCore = (module) => ok(WebAssembly.Module.exports(module).some(({ name }) => name === 'recommend'));

test('its own file', async () => isCore(await loadModule(undefined)));
test('bytes, a buffer, a module, a file URL', async () => {
  isCore(await loadModule(new Uint8Array(bytes)));
  isCore(await loadModule(new Uint8Array(bytes).buffer));
  const module = new WebAssembly.Module(bytes);
  equal(await loadModule(module), module);
  isCore(await loadModule(file));
});
test('streamed with the right type, compiled with a wrong one or none', async () => {
  for (const path of ['/right', '/wrong', '/none']) isCore(await loadModule(`${base}${path}`));
});
test('refusals', async () => {
  await fails('FETCH', () => loadModule(`${base}/gone`));
  await fails('FETCH', () => loadModule(`${base}/html`));
  await fails('WASM', () => loadModule(new Uint8Array(8)));
  await fails('ARG', () => loadModule(7));
  await fails('ARG', () => loadModule('relative.wasm'));
  await fails('FETCH', () => loadModule(new URL('./no-such.wasm', import.meta.url)));
});
test('a broken download is begun once more, and is no fault of the core', async () => {
  isCore(await loadModule(`${base}/breaks-once`));
  const error = await fails('FETCH', () => loadModule(`${base}/breaks`));
  ok(error.message.startsWith(`${base}/breaks could not be fetched`), error.message);
});
test('without SIMD the scalar module is taken', async () => {
  ok(hasSimd());
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  try {
    const { Memory } = await import('../dist/memory.js');
    const memory = new Memory(await loadModule(undefined), 2 ** 30);
    equal(memory.cstr(memory.raw.kernels_name()), 'ref');
  } finally {
    WebAssembly.validate = validate;
  }
});
