// items.test.mjs - new items: words as the core takes them, rows weighed as the pack's own, every column and model grown, profiles
// that go on, what is refused.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { addItems } from '../dist/add_items.js';
import { openSync } from '../dist/edge.js';
import { readFile, writeFile } from '../dist/safetensors.js';
import { sha256 } from '../dist/sha256.js';
import { words } from '../dist/text_words.js';
import { equal, ok, same } from './assert.mjs';
import { makePack } from './fixture.mjs';

const wasm = new WebAssembly.Module(readFileSync(new URL('../dist/inkling.wasm', import.meta.url)));
const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const TERMS = ['cellar', 'genres:comedy', 'laugh', 'tears'];

/** The fixture with a model of words: items 0, 4, 8 ... are comedies with a laugh, 2, 6 ... have a cellar. */
function contentPack({ scheme = 0, f32 = false } = {}) {
  const file = readFile(makePack()), put = (name, dtype, data) => file.tensors.set(`content.${name}`, { dtype, shape: [data.length], bytes: bytesOf(data) });
  const rows = Array.from({ length: 40 }, (_, i) => [[1, 2], [3], [0], []][i % 4]), cols = rows.flat();
  let end = 0;
  put('ends', 'U32', Uint32Array.from(rows, (row) => (end += row.length)));
  put('cols', 'U16', Uint16Array.from(cols));
  if (f32) put('values', 'F32', new Float32Array(cols.length).fill(0.5));
  else {
    put('values', 'I8', new Int8Array(cols.length).fill(127));
    put('scale', 'F32', new Float32Array(40).fill(0.5 / 127));
  }
  put('settings', 'F32', Float32Array.of(0, 0, 0, 0, 0, 0));
  put('terms.bytes', 'U8', new TextEncoder().encode(TERMS.join('')));
  put('terms.ends', 'U32', Uint32Array.from(TERMS, ((at) => (term) => (at += term.length))(0)));
  put('idf', 'F32', Float32Array.of(1, 2, 1, 1));
  put('weighting', 'F32', Float32Array.of(scheme, 0, 1, 0.5, 2, 1));
  return writeFile(file);
}

const NEW = { id: 'film-new', properties: { title: 'A laugh, a LAUGH in the Cellar', genres: ['comedy', 'noir'], year: 2030 }, popularity: 100 };
const floats = (file, name) => new Float32Array(file.tensors.get(name).bytes.slice().buffer);

test('words are those of the core', () => {
  const list = JSON.parse(readFileSync(new URL('../../tests/golden/text_words.json', import.meta.url), 'utf8'));
  ok(list.length > 20);
  for (const { text, words: want } of list) equal(words(text).join(' '), want.join(' '));
  equal(words('half \ud800 a pair').join(' '), 'half pair');
});

test('digests are those of everybody else, at every length of a last block', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 7 + 1), of = (part) => createHash('sha256').update(part).digest('hex');
  for (let n = 0; n <= 300; n++) equal(sha256(bytes.subarray(n % 5, n)), of(bytes.subarray(n % 5, n)), `${n} bytes`);
  const long = new Uint8Array(1 << 20).fill(255);
  equal(sha256(long), of(long));
});

test('a grown pack carries the digest of its data and that of the trained pack, however often it grows', () => {
  const metadata = (file) => readFile(file).metadata, digest = (file) => {
    const n = Number(new DataView(file.buffer).getBigUint64(0, true));
    return createHash('sha256').update(file.subarray(8 + n)).digest('hex');
  };
  const plain = readFile(contentPack());
  delete plain.metadata['trained.sha256'];
  const trained = writeFile(plain), once = addItems(trained, [NEW]), twice = addItems(once, [{ id: 'another' }]);
  for (const file of [trained, once, twice]) {
    equal(metadata(file)['data.sha256'], digest(file));
    openSync(file, { wasm });
  }
  equal(metadata(once)['trained.sha256'], metadata(trained)['data.sha256']);
  equal(metadata(twice)['trained.sha256'], metadata(trained)['data.sha256']);
  ok(metadata(twice)['data.sha256'] !== metadata(once)['data.sha256']);
});

test('a row is weighed by the pack, int8 and f32', () => {
  for (const f32 of [false, true]) {
    const file = readFile(addItems(contentPack({ f32 }), [NEW])), n = f32 ? 4 : 1;
    const values = file.tensors.get('content.values').bytes.slice(-3 * n);
    equal([...new Uint16Array(file.tensors.get('content.cols').bytes.slice(-6).buffer)].join(), '0,1,2');
    const row = f32 ? [...new Float32Array(values.buffer)] : [...new Int8Array(values.buffer)].map((v) => v * floats(file, 'content.scale')[40]);
    [1 / 3, 2 / 3, 2 / 3].forEach((want, i) => ok(Math.abs(row[i] - want) < (f32 ? 1e-7 : 0.003), `${row[i]} for ${want}`));
  }
  const bm25 = readFile(addItems(contentPack({ scheme: 1, f32: true }), [NEW])), part = (n) => n * 2 / (n + 0.5 + 0.5 * 4 / 2);
  const raw = [part(1), 2 * part(1), part(2)], norm = Math.hypot(...raw), got = floats(bm25, 'content.values').slice(-3);
  raw.forEach((want, i) => ok(Math.abs(got[i] - want / norm) < 1e-6));
});

test('the new item is recommended by what it says, with its words as reasons; the profile goes on', () => {
  const old = openSync(contentPack(), { wasm });
  old.track('like', 'film-4');
  const profile = old.profile.export();
  old.close();
  const rec = openSync(addItems(contentPack(), [NEW]), { wasm });
  equal(rec.profile.import(profile), 1);
  const [first] = rec.recommend({ model: 'content', count: 40, explain: 'terms', properties: true }).items.filter(({ id }) => id === 'film-new');
  equal(first.model, 'content');
  ok(first.score > 0.9);
  equal(first.reasons.filter((r) => r.kind === 'term').map((r) => r.term).sort().join(), 'genres:comedy,laugh');
  equal(Math.fround(first.reasons.reduce((sum, r) => sum + r.weight, 0)), first.score);
  same(first.properties, NEW.properties);
  equal(rec.recommend({ model: 'popular', count: 1, events: [] }).items[0].id, 'film-new');
  equal(rec.recommend({ model: 'als', count: 41, withSeen: true }).items.length, 41);
});

test('words place a new item among factors: by ridge regression on the nearest', () => {
  const file = readFile(contentPack()), vectors = floats(file, 'als.items'), place = (item) => floats(readFile(addItems(contentPack(), [item])), 'als.items').slice(-8);
  const got = place(NEW), near = [...Array(40).keys()].filter((i) => i % 4 === 0 || i % 4 === 2);          // laughs and comedies; cellars
  const row = (i) => (i % 4 === 0 ? [0, 0.5, 0.5, 0] : [0.5, 0, 0, 0]), mine = [1 / 3, 2 / 3, 2 / 3, 0], dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);
  const mean = Array.from({ length: 8 }, (_, k) => near.reduce((sum, i) => sum + vectors[i * 8 + k], 0) / near.length);
  const a = near.map((i, r) => [...near.map((j, c) => dot(row(i), row(j)) + (r === c ? 10 : 0)), dot(row(i), mine)]);
  for (let k = 0; k < a.length; k++) {                      // Gauss-Jordan, which shares nothing with the package's Cholesky
    for (let r = 0; r < a.length; r++) {
      if (r === k) continue;
      const by = a[r][k] / a[k][k];
      a[r] = a[r].map((x, c) => x - by * a[k][c]);
    }
  }
  for (let k = 0; k < 8; k++) {
    const want = mean[k] + near.reduce((sum, i, r) => sum + a[r].at(-1) / a[r][r] * (vectors[i * 8 + k] - mean[k]), 0);
    ok(Math.abs(got[k] - want) < 1e-4, `${got[k]} for ${want}`);
  }
  ok(place({ id: 'silent' }).every((x) => x === 0), 'nothing said, no place');
  const rec = openSync(addItems(contentPack(), [NEW]), { wasm });
  rec.track('like', 'film-4');
  ok(rec.recommend({ model: 'als', count: 41, withSeen: true }).items.findIndex(({ id }) => id === 'film-new') < 20);
});

test('a vector makes it part of a factor model; what is not said is missing', () => {
  const file = readFile(makePack()), vector = floats(file, 'als.items').slice(0, 8);
  const rec = openSync(addItems(makePack(), [{ id: 'twin', vectors: { als: vector } }, { id: 'aaa' }]), { wasm });
  rec.track('like', 'film-4');
  equal(rec.explain('twin').score, rec.explain('film-0').score);
  same(rec.items({ ids: ['twin'] })[0].properties, { genres: null, title: null, year: null });
  equal(rec.items({ ids: ['aaa'] }).length, 1);
  equal(rec.pack.items, 42);
});

test('numbers that do not fit make the column wider', () => {
  const rec = openSync(addItems(makePack(), [{ id: 'pi', properties: { year: Math.PI } }]), { wasm });
  equal(rec.items({ ids: ['pi'] })[0].properties.year, Math.PI);
  equal(rec.items({ ids: ['film-3'] })[0].properties.year, 1953);
});

test('what is refused', () => {
  const refused = (pack, items, part) => {
    let said = 'nothing';
    try { addItems(pack, items); } catch (error) { said = `${error.name}: ${error.message}`; }
    ok(said.startsWith('InklingError') && said.includes(part), `"${part}" in: ${said}`);
  };
  refused(makePack(), [{ id: 'film-3' }], 'one that the pack has not');
  refused(makePack(), [{ id: 'a' }, { id: 'a' }], 'each once');
  refused(makePack(), [{ id: '' }], 'item');
  refused(makePack(), [{ id: 'a', properties: { title: 7 } }], 'a text');
  refused(makePack(), [{ id: 'a', properties: { genres: 'comedy' } }], 'a list of tags');
  refused(makePack(), [{ id: 'a', properties: { year: NaN } }], 'finite');
  refused(makePack(), [{ id: 'a', vectors: { als: [1, 2] } }], '8 finite numbers');
  refused(makePack(), [{ id: 'a', popularity: Infinity }], 'finite');
  refused(new Uint8Array(5), [], 'shorter');
  refused(new Uint8Array(64).fill(255), [], 'longer');
  const file = readFile(makePack());
  file.tensors.set('lstm.embedding.weight', { dtype: 'F32', shape: [40, 1], bytes: new Uint8Array(160) });
  refused(writeFile(file), [{ id: 'a' }], 'lstm.embedding.weight');
});

test('the block of the page runs', async () => {
  const [, block] = /^```js items\n([\s\S]*?)^```$/m.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8'));
  const { open } = await import('../dist/index.js'), fetch = async () => new Response(contentPack());
  const body = block.replace(/^import .*$/gm, '');
  const rec = await new (Object.getPrototypeOf(async () => {}).constructor)('open', 'addItems', 'fetch', `${body}; return rec;`)(open, addItems, fetch);
  equal(rec.pack.items, 41);
  await rec.close();
});
