// pack.test.mjs - a model's own tensors become a pack: files that PyTorch and the safetensors library wrote, answers within a bound of
// PyTorch's, natively and in wasm with the same bits; refusals that name the tensor.
//
// The bound: a gate is a sum of at most 2*8 + 2 products of numbers below 3 in magnitude, right to 2e-5 in f32; through two layers and 13
// events whose slopes are below 1 but for the weights' (norms up to 3) that stays below 1e-3, and scores are sums of at most 8 of them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { at, filmsCsv, folder, golden, put, ratingsCsv, readPack, root, run } from './lib.mjs';

const BOUND = 1e-3, N = 12;
const truth = JSON.parse(readFileSync(join(golden, 'models/torch_scores.json')));
const file = (name) => join(golden, `models/torch_${name}.safetensors`);
const items = put('twelve.csv', ['id,title', ...Array.from({ length: N }, (_, i) => `song-${i},Song ${i}`)].join('\n') + '\n');

const module = join(process.env.INKLING_WASI ?? join(root, 'build/wasi'), 'inkling.wasm');
const skip = existsSync(module) ? false : `${module} is not built`;
if (skip) console.log(`skip: ${skip}`);

/** A safetensors file of {name: {dtype, shape, data}}, in the order given. */
function safetensors(tensors) {
  let at = 0;
  const header = {}, parts = [];
  for (const [name, { dtype = 'F32', shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at += data.byteLength] };
    parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
  const json = JSON.stringify(header), padded = Math.ceil((8 + json.length) / 64) * 64 - 8, length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded));
  return Buffer.concat([length, Buffer.from(json.padEnd(padded)), ...parts]);
}

/** The tensors of one of PyTorch's files, to be changed and written again. */
function tensorsOf(name) {
  const pack = readPack(file(name));
  return Object.fromEntries(pack.names.map((n) => { const { shape, values } = pack.tensor(n); return [n, { shape, data: values }]; }));
}

const packed = (model, ...more) => run(['pack', '--model', model, '--items', items, '-o', 'out.safetensors', '--json', ...more]);
function refused(tensors, words, ...more) {
  const { code, stderr } = packed(put('changed.safetensors', safetensors(tensors)), ...more);
  assert.equal(code, 3, stderr);
  assert.match(stderr, words);
}

for (const [name, more] of [['lstm', []], ['gru', ['--first-row', '1']]]) {
  test(`${name}: PyTorch's file serves, with PyTorch's scores`, () => {
    const { code, stderr, json } = packed(file(name), ...more);
    assert.equal(code, 0, stderr);
    assert.equal(json.models, `${name},popular`);
    assert.equal(json.items, N);
    assert.equal(run(['verify', 'out.safetensors']).code, 0);
    truth.histories.forEach((history, h) => {
      const slate = run(['recommend', 'out.safetensors', '--history', history.map((i) => `song-${i}`).join(','), '-n', String(N), '--with-seen', '--json']);
      assert.equal(slate.code, 0, slate.stderr);
      assert.equal(slate.json.items.length, N);
      for (const { id, score } of slate.json.items) assert.ok(Math.abs(score - truth[name][h][id.slice(5)]) < BOUND, `${id}: ${score}`);
    });
  });

  test(`${name}: the same bytes in wasm`, { skip }, () => {
    assert.equal(packed(file(name), ...more).code, 0);
    put('model.safetensors', readFileSync(file(name)));
    const wasi = (args) => spawnSync(process.execPath, ['--no-warnings', join(root, 'tests/run_wasi.mjs'), module, ...args], { cwd: folder, encoding: 'utf8' });
    const made = wasi(['pack', '--model', 'model.safetensors', '--items', 'twelve.csv', '-o', 'out-wasm.safetensors', '--name', 'out', ...more]);
    assert.equal(made.status, 0, made.stderr);
    assert.ok(readFileSync(at('out-wasm.safetensors')).equals(readFileSync(at('out.safetensors'))));
    const args = ['recommend', 'out.safetensors', '--history', 'song-3,song-7,song-1', '--explain', '--json'];
    assert.equal(wasi(args).stdout, run(args).stdout);
  });
}

test('what does not fit is refused by its name', () => {
  const lstm = tensorsOf('lstm'), gru = tensorsOf('gru');
  const nan = structuredClone(lstm);
  nan['lstm.weight_hh_l1'].data[7] = NaN;
  refused(nan, /lstm\.weight_hh_l1/);
  refused({ ...lstm, 'lstm.weight_ih_l0': { shape: [15, 6], data: new Float32Array(90) } }, /lstm\.weight_ih_l0.*\[15, 6\]/);       /* three gates */
  refused({ ...lstm, 'lstm.weight_ih_l1': { shape: [5, 20], data: new Float32Array(100) } }, /lstm\.weight_ih_l1/);                /* the other way round */
  const { 'lstm.bias_ih_l0': bias, ...without } = lstm;
  assert.equal(bias.shape[0], 20);
  refused(without, /lstm\.bias_ih_l0/);
  refused({ ...lstm, 'lstm.weight_ih_l0_reverse': lstm['lstm.weight_ih_l0'] }, /weight_ih_l0_reverse.*one direction/);
  refused({ ...lstm, 'lstm.weight_hr_l0': lstm['lstm.weight_ih_l0'] }, /weight_hr_l0.*no such part/);
  refused({ ...lstm, 'norm.weight': lstm['lstm.bias_ih_l0'] }, /"norm\.weight": no family/);
  refused({ 'norm.weight': lstm['lstm.bias_ih_l0'] }, /no tensor of a family/);
  refused({ ...lstm, ...gru }, /of lstm and of gru/);
  refused(gru, /"embedding\.weight": 13 rows.*--first-row 1/);
  refused(lstm, /"embedding\.weight": 12 rows, 1 of them/, '--first-row', '1');
  refused({ ...lstm, 'kind.weight': { shape: [2, 5], data: new Float32Array(10) } }, /lstm\.kind\.weight.*\[2, 5\]/);
  const { code, stderr } = packed(put('cut.safetensors', readFileSync(file('lstm')).subarray(0, 1000)));
  assert.equal(code, 3, stderr);
  assert.match(stderr, /PACK_TRUNCATED/);
});

test('words that are missing', () => {
  assert.equal(run(['pack', '--items', items, '-o', 'x']).code, 2);
  assert.equal(run(['pack', '--model', file('lstm'), '-o', 'x']).code, 2);
});

test('one item is a vocabulary', () => {
  const lone = tensorsOf('lstm');
  for (const name of ['embedding.weight', 'items.weight', 'items.bias']) {
    const { shape, data } = lone[name];
    lone[name] = { shape: [1, ...shape.slice(1)], data: data.slice(0, shape[1] ?? 1) };
  }
  const made = run(['pack', '--model', put('lone.safetensors', safetensors(lone)), '--items', put('one.csv', 'id\nsong-0\n'), '-o', 'lone.pack']);
  assert.equal(made.code, 0, made.stderr);
  const { json } = run(['recommend', 'lone.pack', '--history', 'song-0', '--with-seen', '--json']);
  assert.deepEqual(json.items.map(({ id }) => id), ['song-0']);
});

test('kinds, gaps and other families come along under the names of FORMAT.md', () => {
  const gru = tensorsOf('gru'), next = (n) => Float32Array.from({ length: n }, (_, i) => Math.sin(i));
  const als = { 'als.items': { shape: [N, 2], data: next(2 * N) }, 'als.gram': { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) },
    'als.settings': { shape: [12], data: Float32Array.of(0, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 5) } };
  const made = packed(put('more.safetensors', safetensors({ ...gru, ...als, 'kind.weight': { shape: [3, 8], data: next(24) }, 'gap.weight': { shape: [5, 8], data: next(40) } })),
    '--first-row', '1', '--length', '7');
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.json.models, /gru/);
  assert.match(made.json.models, /als/);
  const pack = readPack(at('out.safetensors'));
  assert.deepEqual([...pack.tensor('gru.settings').values], [7, 3, 5, 0]);
  assert.deepEqual(pack.tensor('gru.embedding.weight').shape, [N, 8]);
  assert.equal(run(['recommend', 'out.safetensors', '--history', 'song-1,song-2', '--model', 'als', '--json']).code, 0);
});

test('--into: a pack gets a further model, and stays what it was', () => {
  const events = put('ratings.csv', ratingsCsv()), films = put('films.csv', filmsCsv());
  const train = (family, out, ...more) => assert.equal(run(['train', family, '--events', events, '--items', films, ...more, '-o', out]).code, 0);
  train('als', 'als.safetensors', '--set', 'factors=8', '--licence', 'free');
  train('gru', 'gru.safetensors', '--set', 'factors=8', '--set', 'epochs=2', '--seed', '3');
  const { code, stderr, json } = run(['pack', '--model', 'gru.safetensors', '--into', 'als.safetensors', '-o', 'both.safetensors', '--json']);
  assert.equal(code, 0, stderr);
  assert.equal(json.models, 'als,gru,popular');
  assert.equal(run(['verify', 'both.safetensors']).code, 0);
  for (const model of ['als', 'gru']) {
    const answer = (pack) => run(['recommend', pack, '--history', 'f1,f3', '--model', model, '--explain', '--json']).json.items;
    assert.deepEqual(answer('both.safetensors'), answer(`${model}.safetensors`));
  }
  assert.ok('gru.epochs' in readPack(at('both.safetensors')).metadata);
  const again = run(['pack', '--model', 'gru.safetensors', '--into', 'both.safetensors', '-o', 'x.safetensors']);
  assert.equal(again.code, 3);
  assert.match(again.stderr, /has this tensor already/);
  assert.equal(run(['pack', '--model', 'gru.safetensors', '--into', 'als.safetensors', '--items', films, '-o', 'x.safetensors']).code, 2);
  put('fewer.csv', ratingsCsv({ films: 30, seed: 9 }));
  assert.equal(run(['train', 'gru', '--events', 'fewer.csv', '--set', 'factors=8', '--set', 'epochs=1', '-o', 'fewer.safetensors']).code, 0);
  const foreign = run(['pack', '--model', 'fewer.safetensors', '--into', 'als.safetensors', '-o', 'x.safetensors']);
  assert.equal(foreign.code, 3);
  assert.match(foreign.stderr, /items are others|rows/);
});

test('--into: a blend answers first, with its members', () => {
  const events = put('ratings.csv', ratingsCsv()), train = (family, out, ...more) => assert.equal(run(['train', family, '--events', events, ...more, '-o', out]).code, 0);
  train('popular', 'popular.safetensors');
  train('hybrid', 'blend.safetensors', '--members', 'als,item-knn', '--set', 'feedback=implicit', '--set', 'als.factors=4');
  const { code, stderr, json } = run(['pack', '--model', 'blend.safetensors', '--into', 'popular.safetensors', '-o', 'with.safetensors', '--json']);
  assert.equal(code, 0, stderr);
  assert.deepEqual(json.models.split(',').sort(), readPack(at('blend.safetensors')).metadata.models.split(',').sort());
  assert.match(json.models, /^hybrid,.*,popular$/);
  assert.equal(run(['verify', 'with.safetensors']).code, 0);
  const answer = (pack) => run(['recommend', pack, '--history', 'f1,f3', '--explain', '--json']).json.items;
  assert.deepEqual(answer('with.safetensors'), answer('blend.safetensors'));
});
