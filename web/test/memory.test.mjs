// memory.test.mjs - regions, scratch, views after growth.
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Memory } from '../dist/memory.js';
import { equal, fails, ok, same } from './assert.mjs';

const module = new WebAssembly.Module(readFileSync(new URL('../dist/inkling.wasm', import.meta.url)));
const fresh = (max = 2 ** 30) => new Memory(module, max);

test('regions follow one another, aligned to 64', () => {
  const memory = fresh(), a = memory.region(100), b = memory.region(1), c = memory.region(0);
  equal(a % 64, 0);
  equal(b, a + 128);
  equal(c, b + 64);
});

test('a download lands in place, chunk by chunk, over growth', () => {
  const memory = fresh(), before = memory.region(64), incoming = memory.incoming();
  const chunks = Array.from({ length: 9 }, (_, i) => new Uint8Array(50_000).fill(i + 1));
  for (const chunk of chunks) incoming.write(chunk);
  const { ptr, bytes } = incoming.done();
  equal(ptr, before + 64);
  equal(bytes, 450_000);
  const copy = memory.copy(ptr, bytes);
  ok(chunks.every((chunk, i) => copy.subarray(i * 50_000, (i + 1) * 50_000).every((b) => b === chunk[0])), 'bytes changed');
  ok(memory.region(8) >= ptr + bytes, 'the next region overlaps');
});

test('scratch is given back, zeroed, also when the call throws', () => {
  const memory = fresh();
  let first;
  try {
    memory.withScratch((s) => { first = s.bytes(Uint8Array.of(1, 2, 3)); throw new Error('x'); });
  } catch { /* wanted */ }
  memory.withScratch((s) => {
    const again = s.take(8);
    equal(again, first);
    equal(memory.u32(again), 0);
    const inner = memory.withScratch((t) => t.take(8));
    equal(memory.withScratch((t) => t.take(8)), inner);
    ok(inner >= again + 8);
  });
});

test('views are renewed after growth', () => {
  const memory = fresh(), p = memory.region(8);
  memory.setU32(p, 0, 7);
  const old = memory.view();
  memory.region(10 * 65536);
  equal(old.buffer.byteLength, 0, 'the old view is dead');
  equal(memory.u32(p), 7);
});

test('text goes in and out as it is', () => {
  const memory = fresh();
  for (const text of ['', 'film', '\ufeffbom', '千与千尋', '🎬', 'x'.repeat(70_000)]) {
    memory.withScratch((s) => {
      const p = s.take(8);
      memory.setText(p, 0, s.text(text));
      equal(memory.text(p), text);
    });
  }
  memory.withScratch((s) => equal(memory.cstr(s.cstr('als')), 'als'));
});

test('64-bit integers cross as they are', () => {
  const memory = fresh();
  memory.withScratch((s) => {
    const p = s.take(8);
    for (const n of [0n, -1n, 1_700_000_000_000n, -(2n ** 53n)]) {
      memory.setI64(p, 0, n);
      equal(memory.i64(p), Number(n));
    }
  });
});

test('maxMemory is a wall', async () => {
  const memory = fresh(4 * 65536);
  const error = await fails('MEMORY', () => memory.region(4 * 65536));
  ok(/maxMemory is 262144/.test(error.message), error.message);
});

test('a module that is not the core is refused', async () => {
  const empty = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  await fails('WASM', () => new Memory(empty, 2 ** 30));
  const { openSync } = await import('../dist/index.js');
  await fails('WASM', () => openSync(new Uint8Array(8), { wasm: empty }));
  await fails('ARG', () => openSync(new Uint8Array(8), {}));
});

test('the module asks for nothing', () => same(WebAssembly.Module.imports(module), []));
