// import.test.mjs - files that NumPy, implicit, safetensors, gensim and word2vec.c wrote come in exactly; damaged
// ones are refused with their place and leave nothing behind.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { at, files, golden, put, readPack, run } from './lib.mjs';

const imports = join(golden, 'imports');
const expected = JSON.parse(readFileSync(join(imports, 'expected.json'), 'utf8'));
const source = (name) => join(imports, name);
const importing = (file, ...more) => run(['import', file, '-o', 'out.safetensors', '--scale', 'none', ...more]);

/** Imports bytes under a name and expects a refusal that says all of `words` and leaves nothing. */
function refused(name, content, words, ...more) {
  const before = files();
  const { code, stderr } = importing(put(name, content), ...more);
  assert.equal(code, 3, `${name}: exit ${code}, ${stderr}`);
  for (const word of words) assert.ok(stderr.includes(word), `"${word}" in: ${stderr}`);
  assert.equal(stderr.trim().split('\n').length, 1);
  assert.deepEqual(files().filter((f) => f !== name), before.filter((f) => f !== name));
}

for (const [name, want] of Object.entries(expected.files)) {
  test(`${name} comes in exactly`, () => {
    const { code, stderr, json } = importing(source(name), '--json', ...(want.tensor ? ['--tensor', want.tensor] : []));
    assert.equal(code, 0, stderr);
    const pack = readPack(at('out.safetensors'));
    assert.deepEqual(pack.strings('items.id'), want.ids);
    assert.deepEqual(pack.tensor('als.items').shape, [want.rows.length, want.rows[0].length]);
    assert.deepEqual([...pack.tensor('als.items').values], want.rows.flat());
    assert.equal(json.items, want.rows.length);
    assert.equal(json.dimensions, want.rows[0].length);
    assert.equal(run(['verify', 'out.safetensors']).code, 0);
  });
}

test('the Gram matrix is that of the rows', () => {
  importing(source('f4.npy'));
  const pack = readPack(at('out.safetensors')), rows = expected.files['f4.npy'].rows, gram = pack.tensor('als.gram').values;
  rows[0].forEach((_, r) => rows[0].forEach((_, c) => {
    const want = rows.reduce((sum, row) => sum + row[r] * row[c], 0);
    assert.ok(Math.abs(gram[r * 4 + c] - want) < 12 * 2 ** -23 * 12, `${gram[r * 4 + c]} is not ${want}`);   // 12 terms below 12
  }));
});

test('a model of implicit folds people in as implicit does', () => {
  importing(source('implicit_als.npz'));
  const { people, rows } = expected.files['implicit_als.npz'];
  for (const { history, exact } of people) {
    put('h.jsonl', history.map(([item, value]) => JSON.stringify({ item: String(item), value })).join('\n'));
    const { json } = run(['recommend', 'out.safetensors', '--history-file', 'h.jsonl', '--with-seen', '-n', '12', '--json']);
    assert.equal(json.items.length, rows.length);
    // a solve of 4 unknowns in f32 on a system of condition below 10: 4 * 10 * 2^-24 = 2.4e-6 of scores up to 1; as near as
    // implicit itself comes is 3e-7
    for (const { id, score } of json.items) {
      assert.ok(Math.abs(score - exact[id]) < 2.4e-6, `${id}: ${score}, exactly ${exact[id]}`);
    }
  }
  const { metadata } = readPack(at('out.safetensors'));
  assert.equal(metadata['als.alpha'], '2.5');
});

test('vectors of words are scaled to length 1 unless told otherwise', () => {
  assert.equal(run(['import', source('gensim.txt'), '-o', 'out.safetensors']).code, 0);
  const { values } = readPack(at('out.safetensors')).tensor('als.items');
  for (let i = 0; i < 12; i++) {
    const norm = Math.hypot(...values.subarray(i * 4, i * 4 + 4));
    assert.ok(Math.abs(norm - 1) < 1e-6);
  }
});

test('ids come from lines, JSON and NumPy arrays', () => {
  for (const name of ['ids.txt', 'ids.json', 'ids_unicode.npy']) {
    assert.equal(importing(source('f4.npy'), '--ids', source(name)).code, 0);
    assert.deepEqual(readPack(at('out.safetensors')).strings('items.id'), expected.ids);
  }
  importing(source('f4.npy'), '--ids', source('ids_bytes.npy'));
  assert.equal(readPack(at('out.safetensors')).strings('items.id')[11], 'b11');
  importing(source('f4.npy'), '--ids', source('ids_whole.npy'));
  assert.deepEqual(readPack(at('out.safetensors')).strings('items.id').slice(0, 3), ['-2', '-1', '0']);
});

test('a catalogue and events come with it', () => {
  put('items.csv', 'id,title,year\nfilm-1,One,1999\nfilm-2,Two,\nnobody,None,1\n');
  put('events.csv', 'user,item\na,film-2\nb,film-2\nb,film-1\nb,unknown\n');
  const { code, stderr, json } = importing(source('gensim.txt'), '--items', 'items.csv', '--events', 'events.csv', '--name', 'films', '--licence', 'CC0', '--json');
  assert.equal(code, 0, stderr);
  assert.deepEqual([json.columns, json.events, json.unknown_events], [2, 4, 1]);
  const pack = readPack(at('out.safetensors'));
  assert.deepEqual([...pack.tensor('popular.scores').values.slice(0, 4)], [0, 1, 2, 0]);
  assert.deepEqual([pack.metadata.name, pack.metadata.licence, pack.metadata.models], ['films', 'CC0', 'als,popular']);
  const strangers = run(['recommend', 'out.safetensors', '-n', '2', '--json']).json;
  assert.deepEqual(strangers.items.map((i) => i.id), ['film-2', 'film-1']);
});

test('gzipped text comes in as text does', () => {
  put('g.csv.gz', gzipSync(readFileSync(source('header.csv'))));
  assert.equal(importing('g.csv.gz').code, 0);
  assert.deepEqual([...readPack(at('out.safetensors')).tensor('als.items').values], expected.files['header.csv'].rows.flat());
});

test('the same file gives the same bytes', () => {
  importing(source('gensim.bin'));
  const first = readFileSync(at('out.safetensors'));
  importing(source('gensim.bin'));
  assert.ok(first.equals(readFileSync(at('out.safetensors'))));
  rmSync(at('out.safetensors'));
});

// ------------------------------------------------------------------ refusals

test('what could run code is refused', () => {
  refused('o.npy', readFileSync(source('object.npy')), ['DATA_FORMAT', 'pickle']);
  refused('m.pkl', Buffer.from([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0x2e]), ['DATA_SYNTAX', 'byte 11', 'pickle']);
});

test('rows are refused by name', () => {
  refused('nan.csv', 'a,1,2\nb,3,nan\n', ['line 2']);
  const npy = Buffer.from(readFileSync(source('f4.npy')));
  npy.writeFloatLE(NaN, npy.length - 4);
  refused('nan.npy', npy, ['row 11', '"11"', 'number 4', 'nan']);
  npy.writeFloatLE(-Infinity, npy.length - 4);
  refused('inf.npy', npy, ['row 11', 'inf']);
  npy.writeFloatLE(1.1e11, npy.length - 4);
  refused('huge.npy', npy, ['row 11', '1e+11']);
  npy.writeFloatLE(1e10, npy.length - 4);
  assert.equal(importing(put('large.npy', npy)).code, 3);      // the row passes, its Gram matrix would not: refused by the gate
  refused('twice.csv', 'a,1,2\nb,3,4\na,5,6\n', ['DATA_DUPLICATE', 'line 3', '"a"']);
  refused('empty.csv', ',1,2\n', ['line 1', '0 bytes']);
  refused('long.csv', `${'x'.repeat(1025)},1\n`, ['line 1', '1025 bytes']);
  assert.equal(importing(put('longest.csv', `${'x'.repeat(1024)},1\n`)).code, 0);
  rmSync(at('out.safetensors'));
  refused('latin.csv', Buffer.from('a,1\nb\xe9,2\n', 'latin1'), ['line 2', 'UTF-8']);
});

test('rows of zeros are refused, dropped or kept', () => {
  refused('z.csv', 'a,1,2\nb,0,0\nc,3,4\n', ['line 2', '"b"', '--zero-rows']);
  importing('z.csv', '--zero-rows', 'drop');
  assert.deepEqual(readPack(at('out.safetensors')).strings('items.id'), ['a', 'c']);
  importing('z.csv', '--zero-rows', 'keep');
  assert.deepEqual(readPack(at('out.safetensors')).strings('items.id'), ['a', 'b', 'c']);
  rmSync(at('out.safetensors'));
});

test('counts and widths must agree', () => {
  refused('short.csv', 'a,1,2\nb,3\n', ['line 2']);
  refused('wide.csv', 'a,1,2\nb,3,4,5\n', ['line 2']);
  refused('promise.txt', '3 2\na 1 2\nb 3 4\n', ['promises 3', '2']);
  refused('more.txt', '1 2\na 1 2\nb 3 4\n', ['promises 1']);
  refused('wide.txt', 'a 1 2\nb 3\n', ['line 2']);
  refused('ids.npy', readFileSync(source('f4.npy')), ['12 rows', '2 ids'], '--ids', put('two.txt', 'a\nb\n'));
  refused('dim.csv', `a,${Array(2049).fill(1).join(',')}\n`, ['2049', '2048']);
  assert.equal(importing(put('dim.csv', `a,${Array(2048).fill(1).join(',')}\n`)).code, 0);
  rmSync(at('out.safetensors'));
  refused('array.jsonl', '{"id":"a","embedding":[1,2]}\n{"id":"b","embedding":[1]}\n', ['line 2']);
  refused('key.jsonl', '{"id":"a","vec":[1,2]}\n', ['line 1', 'embedding']);
  refused('text.jsonl', '{"id":"a","embedding":[1,"2"]}\n', ['line 1']);
});

test('what --tensor may mean is listed', () => {
  refused('t.safetensors', readFileSync(source('model.safetensors')), ['no tensor', 'item_embedding.weight, user_embedding.weight'], '--tensor', 'item');
  refused('d.npz', readFileSync(source('deflated.npz')), ['--tensor', 'weights.npy, other.npy']);
});

// The first bytes decide what a file is; a cut must be noticed wherever it falls.
for (const name of ['f4.npy', 'f8_fortran.npy', 'version2.npy', 'deflated.npz', 'stored.npz', 'implicit_als.npz', 'model.safetensors', 'unaligned.safetensors', 'gensim.bin', 'word2vec_c.bin']) {
  test(`${name}, cut anywhere, is refused`, () => {
    const whole = readFileSync(source(name)), more = name === 'deflated.npz' ? ['--tensor', 'weights'] : [];
    for (let k = 1; k <= 48; k++) {
      const n = Math.floor((whole.length - 2) * k / 48);       // the last byte of word2vec_c.bin may be missing
      const { code, signal, stderr } = importing(put('cut', whole.subarray(0, n)), ...more);
      assert.equal(code, 3, `${n} of ${whole.length} bytes: exit ${code} ${signal}: ${stderr}`);
      assert.ok(!existsSync(at('out.safetensors')));
    }
  });

  test(`${name}, changed anywhere, is read or refused, never a crash`, () => {
    const whole = readFileSync(source(name));
    for (let k = 0; k < 60; k++) {
      const bytes = Buffer.from(whole), i = (k * 7919) % bytes.length;
      bytes[i] ^= 1 << (k % 8);
      const { code, signal } = importing(put('changed', bytes));
      assert.ok(code === 0 || code === 3, `byte ${i}: exit ${code} ${signal}`);
    }
    rmSync(at('out.safetensors'), { force: true });
  });
}

test('a damaged archive is told from a whole one by its checksum', () => {
  const bytes = Buffer.from(readFileSync(source('stored.npz')));
  bytes[bytes.indexOf('NUMPY') + 200] ^= 1;
  refused('crc.npz', bytes, ['checksum']);
});

test('gzip that is cut or damaged is refused', () => {
  const bytes = readFileSync(source('glove_blanks.txt.gz'));
  refused('cut.gz', bytes.subarray(0, bytes.length - 9), ['gzip']);
  const bad = Buffer.from(bytes);
  bad[bytes.length - 6] ^= 1;
  refused('bad.gz', bad, ['gzip'], '--from', 'glove');
  const two = Buffer.concat([gzipSync('a 1 2\n'), gzipSync('b 3 4\n')]);           // members one after the other are one text
  assert.equal(importing(put('two.gz', two)).code, 0);
  assert.equal(gunzipSync(two).toString(), 'a 1 2\nb 3 4\n');
  rmSync(at('out.safetensors'));
});

test('a compressed entry that promises too much is refused before memory is taken', () => {
  const bytes = Buffer.from(readFileSync(source('deflated.npz')));
  const entry = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
  bytes.writeUInt32LE(0xfffffff0, entry + 24);
  refused('bomb.npz', bytes, ['more than its bytes can hold'], '--tensor', 'weights');
});
