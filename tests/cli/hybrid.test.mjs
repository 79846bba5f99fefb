// hybrid.test.mjs - train hybrid: what it writes, its report, the same bytes again, serving with reasons, words that are off.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { at, filmsCsv, put, ratingsCsv, readPack, run } from './lib.mjs';

put('ratings.csv', ratingsCsv({ people: 120 }));
put('films.csv', filmsCsv());
const MEMBERS = ['--members', 'als,rp3,popular', '--set', 'als.factors=8', '--set', 'als.iterations=3', '--set', 'feedback=implicit'];
const train = (...more) => run(['train', 'hybrid', '--events', 'ratings.csv', '--items', 'films.csv', '-o', 'h.safetensors', ...more]);

test('the pack holds the members, trained on everything, and their weights', () => {
  const { code, json, stderr } = train(...MEMBERS, '--json');
  assert.equal(code, 0, stderr);
  const pack = readPack(at('h.safetensors'));
  const members = json.blend.members.map((m) => m.family), n = members.length;
  assert.equal(Buffer.from(pack.tensor('hybrid.members').values).toString(), members.join(','));
  assert.deepEqual([...pack.tensor('hybrid.buckets').values], [0, 3, 10, 30, 100]);
  const { shape, values } = pack.tensor('hybrid.weights');
  assert.deepEqual(shape, [5, n + 1]);
  for (let b = 0; b < 5; b++) {
    const row = [...values.subarray(b * (n + 1), (b + 1) * (n + 1))];
    assert.ok(row.every((w) => w >= 0) && Math.abs(row.reduce((a, w) => a + w) - 1) < 1e-6 && row[n] === 0, row.join(' '));
  }
  assert.deepEqual(pack.tensor('als.items').shape, [40, 8]);
  assert.equal(pack.metadata.models, ['hybrid', ...members.filter((m) => m !== 'popular'), 'popular'].join(','));
  assert.equal(pack.metadata['train.events'], '1440');
  assert.equal(pack.metadata['hybrid.fitted_for'], 'ndcg@20');
  assert.equal(json.blend.members.find((m) => m.family === 'als').settings.factors, 8);
  assert.equal(json.settings['als.factors'], 8);
});

test('members without weight are left out of the pack, and a blend that is no better than one member is that member', () => {
  const { json } = train(...MEMBERS, '--json'), { members, left_out: silent, value, is_blend: blends } = json.blend;
  assert.deepEqual([...members, ...silent].map((m) => m.family).sort(), ['als', 'popular', 'rp3']);
  for (const { weights } of members) assert.ok(weights.some((w) => w > 0));
  for (const { family } of silent) assert.ok(family === 'popular' || !readPack(at('h.safetensors')).names.some((name) => name.startsWith(`${family}.`)), family);
  const best = Math.max(...[...members, ...silent].map((m) => m.value));
  assert.equal(blends, value > best);
  assert.ok(blends ? members.length > 1 : members.length === 1 && members[0].value === best && members[0].weights.every((w) => w === 1));
  const { json: alone, code } = run(['train', 'hybrid', '--events', 'ratings.csv', '--members', 'popular', '--set', 'feedback=implicit', '-o', 'a.safetensors', '--json']);
  assert.deepEqual([code, alone.blend.is_blend, alone.blend.members[0].weights], [0, false, [1, 1, 1, 1, 1]]);
  assert.match(run(['train', 'hybrid', '--events', 'ratings.csv', '--members', 'popular', '--set', 'feedback=implicit', '-o', 'a.safetensors']).stdout, /popular alone/);
});

test('eight members are as good as three', () => {
  const eight = ['--members', 'als,rp3,popular,item-knn,ease,pure-svd,slim,spectral', '--set', 'feedback=implicit', '--set', 'als.factors=4', '--set', 'pure-svd.factors=4', '--set', 'spectral.factors=4'];
  const { code, stderr } = run(['eval', '--train', 'hybrid', '--events', 'ratings.csv', '--split', 'random:25%', ...eight, '--json']);
  assert.equal(code, 0, stderr);
});

test('same input, same bytes, whatever the number of threads', () => {
  train(...MEMBERS, '--threads', '1');
  const one = readFileSync(at('h.safetensors'));
  train(...MEMBERS, '--threads', '3');
  assert.ok(one.equals(readFileSync(at('h.safetensors'))));
});

test('it answers first, and its reasons add up', () => {
  train(...MEMBERS);
  const { json, code, stderr } = run(['recommend', 'h.safetensors', '--history', 'f0,f2,f4', '-n', '5', '--explain', '--json']);
  assert.equal(code, 0, stderr);
  for (const { score, reasons } of json.items) {
    assert.equal(Math.fround(reasons.reduce((sum, r) => sum + r.weight, 0)), Math.fround(score));
    assert.ok(reasons.some((r) => r.kind === 'event'));
  }
  assert.equal(run(['verify', 'h.safetensors']).code, 0);
  const few = run(['recommend', 'h.safetensors', '-n', '3', '--json']);
  assert.equal(few.json.items.length, 3, 'somebody without a history gets what is popular');
});

test('ratings are blended by least squares', () => {
  const { code, stdout, stderr } = run(['train', 'hybrid', '--events', 'ratings.csv', '--members', 'als,item-knn', '--set', 'als.factors=4', '-o', 'r.safetensors']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /constant/);
  assert.equal(readPack(at('r.safetensors')).tensor('hybrid.settings').values[0], 0);
  assert.equal(readPack(at('r.safetensors')).metadata['hybrid.fitted_for'], 'rmse');
});

test('words that are off', () => {
  const refused = (words, ...more) => {
    const { code, stderr } = train(...more);
    assert.equal(code, 2, stderr);
    assert.ok(stderr.includes(words), `"${words}" in: ${stderr}`);
  };
  refused('--members');
  refused('did you mean als', '--members', 'alss,rp3');
  refused('twice', '--members', 'als,als');
  refused('"rp3" is not among --members', '--members', 'als', '--set', 'rp3.alpha=1');
  refused('no setting "als.factor"; did you mean als.factors', '--members', 'als', '--set', 'als.factor=1');
  refused('commas', '--members', 'als,,rp3');
  refused('--metric', '--members', 'als,rp3', '--set', 'feedback=implicit', '--metric', 'rmse');
  refused('--metric', '--members', 'als,rp3', '--set', 'feedback=implicit', '--metric', 'ndcg@500');
  refused('no family "hybrid"', '--members', 'als,hybrid');
  const alone = run(['train', 'als', '--events', 'ratings.csv', '--members', 'als', '-o', 'x.safetensors']);
  assert.equal(alone.code, 2);
  assert.match(run(['train', 'hybrid', '--help']).stdout, /by_history/);
  assert.match(run(['train', '--help']).stdout, /hybrid/);
  assert.match(run(['train', 'hybrd', '--events', 'ratings.csv', '-o', 'x.safetensors']).stderr, /did you mean hybrid/);
});
