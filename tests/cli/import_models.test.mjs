// import_models.test.mjs - models as gensim, LightFM, Surprise, Spark and implicit saved them come in exactly; damaged
// copies are refused with their place and leave nothing behind; nothing in a pickle is run.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { at, files, golden, put, readPack, run } from './lib.mjs';

const models = join(golden, 'models');
const expected = JSON.parse(readFileSync(join(models, 'expected.json'), 'utf8'));
const importing = (path, ...more) => run(['import', path, '-o', 'out.safetensors', '--scale', 'none', ...more]);

/** Which family's tensors each file becomes, and with which options. */
const cases = {
  'inside.kv': { family: 'als' }, 'beside.kv': { family: 'als' }, 'word2vec.model': { family: 'als' },
  'lightfm.pickle': { family: 'warp' },
  'lightfm_features.pickle': { family: 'bpr', more: ['--item-features', join(models, 'item_features.npz')], bound: 2 ** -22 },
  'surprise_svd.dump': { family: 'svd' }, 'surprise_svdpp.dump': { family: 'svdpp' }, 'surprise_nmf.dump': { family: 'nmf' },
  spark_als: { family: 'als', sorted: true }, spark_gzip: { family: 'als', sorted: true }, spark_plain: { family: 'als', sorted: true },
  spark_json: { family: 'als', sorted: true },
};

function near(got, want, bound, what) {
  assert.equal(got.length, want.length, what);
  got.forEach((x, i) => assert.ok(Math.abs(x - Math.fround(want[i])) <= bound, `${what}[${i}]: ${x}, not ${want[i]}`));
}

for (const [name, { family, more = [], bound = 0, sorted = false }] of Object.entries(cases)) {
  test(`${name} comes in exactly`, () => {
    const want = expected.files[name];
    const { code, stderr } = importing(join(models, name), ...more);
    assert.equal(code, 0, stderr);
    const pack = readPack(at('out.safetensors')), ids = pack.strings('items.id');
    const wanted = want.ids ?? want.rows.map((_, i) => String(i));
    const order = sorted ? wanted.map((id) => ids.indexOf(id)) : wanted.map((_, i) => i);
    assert.deepEqual(order.map((i) => ids[i]), wanted);
    assert.equal(ids.length, wanted.length);
    const d = want.rows[0].length, { values } = pack.tensor(`${family}.items`);
    order.forEach((at, i) => near([...values.subarray(at * d, at * d + d)], want.rows[i], bound, `row ${i}`));
    if (want.bias) near([...pack.tensor(`${family}.bias`).values], want.bias, bound, 'bias');
    if (want.implicit) near([...pack.tensor(`${family}.fold`).values], want.implicit.flat(), 0, 'fold');
    if (want.mean !== undefined) assert.equal(pack.tensor(`${family}.settings`).values[9], family === 'nmf' ? 0 : Math.fround(want.mean));
    assert.equal(pack.metadata.models, `${family},popular`);
    assert.equal(run(['verify', 'out.safetensors']).code, 0);
    const answer = run(['recommend', 'out.safetensors', '--history', ids.slice(0, 2).join(','), '-n', '3', '--json']);
    assert.equal(answer.code, 0, answer.stderr);
    assert.equal(answer.json.items.length, 3);
    assert.ok(answer.json.items.every((item) => item.model === family), JSON.stringify(answer.json.items));
  });
}

test('vectors of words are scaled to length 1 unless told otherwise', () => {
  assert.equal(run(['import', join(models, 'inside.kv'), '-o', 'out.safetensors']).code, 0);
  const { values } = readPack(at('out.safetensors')).tensor('als.items');
  for (let i = 0; i < values.length; i += 4) assert.ok(Math.abs(Math.hypot(...values.subarray(i, i + 4)) - 1) < 1e-6);
});

test('several pages and a dictionary that overflows', () => {
  assert.equal(importing(join(models, 'spark_pages'), '--zero-rows', 'keep').code, 0);
  const pack = readPack(at('out.safetensors')), { values } = pack.tensor('als.items');
  assert.equal(values.length, 3000 * 4);
  const ids = pack.strings('items.id');
  ids.forEach((id, r) => near([...values.subarray(r * 4, r * 4 + 4)], [Number(id), Number(id) % 7, -Number(id) / 3, 0.5], 0, `item ${id}`));
  assert.equal(new Set(ids).size, 3000);
});

test('implicit\'s neighbours give implicit\'s answer', () => {
  const want = expected.files['implicit_bm25.npz'];
  assert.equal(importing(join(models, 'implicit_bm25.npz')).code, 0);
  const { json } = run(['recommend', 'out.safetensors', '--history', want.history.join(','), '-n', '5', '--json']);
  assert.deepEqual(json.items.map(({ id }) => Number(id)), want.items);
  // sums of three products of f32 numbers below 8: each rounds by 2^-24 of it at most, and so do two sums
  json.items.forEach(({ score, model }, i) => {
    assert.equal(model, 'item-knn');
    assert.ok(Math.abs(score - want.scores[i]) < 5 * 8 * 2 ** -24, `${score}, not ${want.scores[i]}`);
  });
});

// ------------------------------------------------------------------ refusals

function refused(path, words, ...more) {
  const before = files();
  const { code, stderr } = importing(path, ...more);
  assert.equal(code, 3, `${path}: exit ${code}, ${stderr}`);
  for (const word of words) assert.ok(stderr.includes(word), `"${word}" in: ${stderr}`);
  assert.equal(stderr.trim().split('\n').length, 1);
  assert.deepEqual(files(), before);
}

test('nothing in a pickle is run', () => {
  // what `pickle.dumps` makes of an object whose __reduce__ is (os.system, ("touch owned",))
  const evil = Buffer.from('\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x0btouch owned\x85R.', 'latin1');
  refused(put('evil.pickle', evil), ['DATA_FORMAT', 'nothing in it was run']);
  assert.ok(!existsSync(at('owned')));
});

test('other models and other things are refused by name', () => {
  refused(join(models, 'surprise_knn.dump'), ['DATA_FORMAT', 'SVDpp', 'item-knn']);
  refused(put('list.pickle', Buffer.from([0x80, 4, 0x5d, 0x2e])), ['DATA_FORMAT', 'gensim']);
  refused(put('ext.pickle', Buffer.from([0x80, 4, 0x82, 1, 0x2e])), ['DATA_SYNTAX', 'byte 2']);
  refused(join(models, 'lightfm.pickle'), ['features', 'item_features.npz'], '--item-features', join(models, 'item_features.npz'));
  mkdirSync(at('empty'), { recursive: true });
  refused(at('empty'), ['DATA_FORMAT', 'part']);
});

test('the file beside a model must be there', () => {
  cpSync(join(models, 'beside.kv'), at('alone.kv'));
  const { code, stderr } = importing(at('alone.kv'));
  assert.equal(code, 3);
  assert.match(stderr, /alone\.kv\.vectors\.npy/);
});

/** Cut and flipped copies end in a refusal or in a sound pack, never in a crash. */
function torture(name, place) {
  const bytes = readFileSync(join(models, name));
  let refusals = 0;
  const attempt = (content) => {
    writeFileSync(at(place), content);
    const { code, stderr } = importing(at(place));
    assert.ok(code === 0 || code === 3, `exit ${code}: ${stderr}`);
    if (code === 3) refusals++;
    else assert.equal(run(['verify', 'out.safetensors']).code, 0);
  };
  const step = Math.ceil(bytes.length / 24);
  for (let n = 1; n < bytes.length; n += step) {
    attempt(bytes.subarray(0, n));
    assert.ok(refusals > 0, `cut at ${n}`);
  }
  const cuts = refusals;
  for (let i = 3; i < bytes.length; i += step) {
    const copy = Buffer.from(bytes);
    copy[i] ^= 0x41;
    attempt(copy);
  }
  rmSync(at(place));
  rmSync(at('out.safetensors'), { force: true });
  return cuts;
}

test('damaged pickles', () => { for (const name of ['inside.kv', 'lightfm.pickle', 'surprise_svd.dump']) assert.equal(torture(name, 'damaged'), 24); });
test('damaged neighbours', () => assert.ok(torture('implicit_bm25.npz', 'damaged.npz') >= 23));
test('damaged Parquet', () => {
  const folder = readdirSync(join(models, 'spark_plain')).find((f) => f.endsWith('.parquet'));
  const zipped = readdirSync(join(models, 'spark_gzip')).find((f) => f.endsWith('.parquet'));
  assert.ok(torture(`spark_plain/${folder}`, 'damaged.parquet') >= 23);
  assert.ok(torture(`spark_gzip/${zipped}`, 'damaged.parquet') >= 23);
});

test('codecs and nulls that are not read are named', () => {
  const name = readdirSync(join(models, 'spark_plain')).find((f) => f.endsWith('.parquet'));
  const bytes = readFileSync(join(models, 'spark_plain', name));
  put('cut.parquet', bytes.subarray(0, bytes.length - 1));
  refused(at('cut.parquet'), ['PAR1']);
  refused(put('other.parquet', bytes), ['DATA_COLUMN'], '--tensor', 'vectors');
});
