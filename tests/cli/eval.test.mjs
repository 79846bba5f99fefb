// eval.test.mjs - eval: the form of its JSON, numbers that were worked out by hand, leaks refused, protocols and files.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { addItems } from '../../web/dist/add_items.js';
import { at, put, ratingsCsv, run } from './lib.mjs';

const train = (events, out, ...more) => {
  const made = run(['train', 'als', '--events', events, '--set', 'factors=6', '--set', 'feedback=implicit', '-o', out, '--json', ...more]);
  assert.equal(made.code, 0, made.stderr);
  return made.json;
};
put('ratings.csv', ratingsCsv());
put('others.csv', ratingsCsv({ people: 20, from: 1000, seed: 9 }));
train('ratings.csv', 'all.safetensors');

test('the form of the answer', () => {
  const { code, json, stderr } = run(['eval', 'all.safetensors', '--test', 'others.csv', '--metrics', 'recall@5,ndcg@5,auc', '--json']);
  assert.equal(code, 0, stderr);
  assert.deepEqual([json.protocol, json.users, Object.keys(json.metrics)], ['unseen-users', 20, ['recall@5', 'ndcg@5', 'auc']]);
  for (const { value, ci95: [low, high] } of Object.values(json.metrics)) assert.ok(low <= value && value <= high && value > 0 && value <= 1);
  assert.equal(typeof json.seconds, 'number');
  assert.deepEqual(json.overlap, { checked: true, pairs: 0, users: 0 });
  assert.ok(json.metrics.auc.value > 0.6, 'better than chance on people of the same tastes');
});

test('the same words give the same numbers; another seed another cut', () => {
  const numbers = (...more) => JSON.stringify(run(['eval', 'all.safetensors', '--test', 'others.csv', '--json', ...more]).json.metrics);
  assert.equal(numbers('--threads', '1'), numbers('--threads', '4'));
  assert.notEqual(numbers('--seed', '0'), numbers('--seed', '1'));
});

// Popularity of a pack: a 3, b 2, c 1, d 1 (catalogue order a b c d).
test('numbers by hand', () => {
  put('tiny.csv', 'user,item\n1,a\n1,b\n2,a\n2,b\n3,a\n3,c\n4,d\n');
  assert.equal(run(['train', 'popular', '--events', 'tiny.csv', '-o', 'tiny.safetensors']).code, 0);
  put('h.csv', 'user,item\nx,a\ny,d\n');
  put('t.csv', 'user,item\nx,c\ny,a\ny,c\n');
  // x: candidates b 2, c 1, d 1: c ties at places 2 and 3, hence 2.5, within 2. y: a 3, b 2, c 1: places 1 and 3.
  const { json, stderr } = run(['eval', 'tiny.safetensors', '--history', 'h.csv', '--test', 't.csv', '--metrics', 'recall@2,recall@3,mrr,precision@3,hit@1', '--json']);
  const value = (name) => json.metrics[name].value;
  assert.equal(json.users, 2, stderr);
  assert.equal(value('recall@2'), (1 + 0.5) / 2);
  assert.equal(value('recall@3'), 1);
  assert.equal(value('mrr'), (1 / 2.5 + 1) / 2);
  assert.ok(Math.abs(value('precision@3') - (1 / 3 + 2 / 3) / 2) < 1e-15);
  assert.equal(value('hit@1'), 0.5);
});

test('what was trained on is refused, unless that is wanted', () => {
  const { code, stderr } = run(['eval', 'all.safetensors', '--test', 'ratings.csv']);
  assert.equal(code, 3);
  assert.match(stderr, /DATA_OVERLAP: all\.safetensors: .*60 of 60 test people.*person "u0".*--allow-overlap/);
  const allowed = run(['eval', 'all.safetensors', '--test', 'ratings.csv', '--allow-overlap', '--json']);
  assert.equal(allowed.code, 0);
  assert.equal(allowed.json.overlap.users, 60);
  assert.ok(allowed.json.overlap.pairs > 0);
});

test('a pack that was given items on a device is whole, and the record of its training goes on speaking for it', () => {
  put('grown.safetensors', addItems(readFileSync(at('all.safetensors')), [{ id: 'new one' }]));
  assert.equal(run(['verify', 'grown.safetensors']).code, 0);
  copyFileSync(at('all.safetensors.training'), at('grown.safetensors.training'));
  const { code, stderr } = run(['eval', 'grown.safetensors', '--test', 'ratings.csv']);
  assert.equal(code, 3);
  assert.match(stderr, /DATA_OVERLAP: grown\.safetensors: .*60 of 60 test people/);
  const { json } = run(['eval', 'grown.safetensors', '--test', 'others.csv', '--metrics', 'recall@5', '--json']);
  assert.deepEqual(json.overlap, { checked: true, pairs: 0, users: 0 });
  assert.equal(run(['train', 'als', '--events', 'others.csv', '--set', 'factors=6', '-o', 'stranger.safetensors']).code, 0);
  copyFileSync(at('stranger.safetensors.training'), at('grown.safetensors.training'));
  assert.equal(run(['eval', 'grown.safetensors', '--test', 'others.csv']).code, 3, 'the record of another pack');
});

test('without a record of who was trained on, that is said', () => {
  renameSync(at('all.safetensors.training'), at('aside'));
  const { code, json, stderr } = run(['eval', 'all.safetensors', '--test', 'ratings.csv', '--json']);
  renameSync(at('aside'), at('all.safetensors.training'));
  assert.equal(code, 0);
  assert.match(stderr, /there is no all\.safetensors\.training/);
  assert.equal(json.overlap.checked, false);
});

test('a record that is damaged, or of another pack, is refused', () => {
  train('others.csv', 'other.safetensors');
  const record = readFileSync(at('all.safetensors.training'));
  put('other.safetensors.training', record);
  assert.equal(run(['eval', 'other.safetensors', '--test', 'ratings.csv']).code, 3);
  put('other.safetensors.training', record.subarray(0, 100));
  assert.equal(run(['eval', 'other.safetensors', '--test', 'ratings.csv']).code, 3);
});

test('people who were held out can be measured from the same file', () => {
  train('ratings.csv', 'held.safetensors', '--holdout', 'users:20%');
  assert.equal(run(['eval', 'held.safetensors', '--test', 'ratings.csv']).code, 3);
  const { code, json } = run(['eval', 'held.safetensors', '--test', 'ratings.csv', '--only-unseen', '--json']);
  assert.deepEqual([code, json.users, json.overlap], [0, 12, { checked: true, pairs: 0, users: 0 }]);
});

test('leave-last measures what train --holdout leave-last kept out', () => {
  train('ratings.csv', 'last.safetensors', '--holdout', 'leave-last');
  for (const more of [[], ['--validation']]) {
    const { code, json, stderr } = run(['eval', 'last.safetensors', '--test', 'ratings.csv', '--protocol', 'leave-last', '--json', ...more]);
    assert.equal(code, 0, stderr);
    assert.deepEqual([json.protocol, json.users, json.counts.test], ['leave-last', 60, 60]);
  }
});

test('known users, candidates and ratings', () => {
  const lines = ratingsCsv().trim().split('\n'), header = lines.shift();
  put('h.csv', [header, ...lines.filter((_, i) => i % 6)].join('\n'));
  put('t.csv', [header, ...lines.filter((_, i) => i % 6 === 0)].join('\n'));
  train('h.csv', 'known.safetensors');
  const known = run(['eval', 'known.safetensors', '--history', 'h.csv', '--test', 't.csv', '--protocol', 'known-users', '--json']);
  assert.equal(known.code, 0, known.stderr);
  assert.deepEqual([known.json.users, known.json.overlap.pairs], [60, 0]);
  put('c.txt', Array.from({ length: 60 }, (_, u) => `u${u} f0 f1 f2 f3 f4 f5`).join('\n'));
  const listed = run(['eval', 'known.safetensors', '--history', 'h.csv', '--test', 't.csv', '--protocol', 'candidates', '--candidates', 'c.txt', '--metrics', 'hit@3', '--json']);
  assert.equal(listed.code, 0, listed.stderr);
  run(['train', 'als', '--events', 'h.csv', '--set', 'factors=6', '-o', 'stars.safetensors']);
  const stars = run(['eval', 'stars.safetensors', '--history', 'h.csv', '--test', 't.csv', '--protocol', 'ratings', '--json']);
  assert.equal(stars.code, 0, stars.stderr);
  assert.ok(stars.json.metrics.rmse.value < 1.2 && stars.json.metrics.mae.value < stars.json.metrics.rmse.value);
  assert.equal(run(['eval', 'known.safetensors', '--history', 'h.csv', '--test', put('t.csv.gz', gzipSync(readFileSync(at('t.csv')))), '--protocol', 'known-users', '--json']).json.metrics['recall@20'].value,
    known.json.metrics['recall@20'].value);
});

test('nobody to measure is said', () => {
  const { code, stderr } = run(['eval', 'all.safetensors', '--history', 'others.csv', '--test', put('far.csv', 'user,item\nz,unknown\n'), '--protocol', 'known-users']);
  assert.equal(code, 3);
  assert.match(stderr, /DATA_EMPTY/);
});
