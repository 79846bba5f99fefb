// eval_train.test.mjs - eval --train: cuts, folds, trained persons; rows by history and popularity; sampled candidates and
// bootstrap intervals are said to be what they are.
import assert from 'node:assert/strict';
import test from 'node:test';
import { filmsCsv, put, ratingsCsv, run } from './lib.mjs';

put('ratings.csv', ratingsCsv());
put('films.csv', filmsCsv());
const small = ['--set', 'factors=6', '--set', 'feedback=implicit', '--json'];
const evaluate = (...words) => {
  const { code, json, stderr } = run(['eval', '--train', 'als', ...small, ...words]);
  assert.equal(code, 0, stderr);
  return json;
};

test('each cut measures whom it says', () => {
  const cuts = { 'random:25%': ['known-users', 60, 180], 'users:20%': ['unseen-users', 12, 24], 'leave-last': ['leave-last', 60, 60], 'folds:4': ['known-users', 240, 720] };
  for (const [split, [protocol, people, events]] of Object.entries(cuts)) {
    const json = evaluate('--events', 'ratings.csv', '--split', split, '--metrics', 'recall@5');
    assert.deepEqual([json.protocol, json.counts.test, json.trained.split], [protocol, events, split]);
    assert.ok(Math.abs(json.users - people) <= 10 && json.metrics['recall@5'].value > 0.1, `${split}: ${json.users} people, ${json.metrics['recall@5'].value}`);
  }
  const late = evaluate('--events', 'ratings.csv', '--split', 'time:80%');
  assert.equal(late.counts.test, 144);
});

test('the same as a pack that is trained and measured in two steps', () => {
  const lines = ratingsCsv().trim().split('\n'), header = lines.shift();
  put('h.csv', [header, ...lines.filter((_, i) => i % 6)].join('\n'));
  put('t.csv', [header, ...lines.filter((_, i) => i % 6 === 0)].join('\n'));
  const one = evaluate('--history', 'h.csv', '--test', 't.csv', '--protocol', 'known-users', '--metrics', 'recall@5,ndcg@5,auc');
  assert.equal(run(['train', 'als', '--events', 'h.csv', ...small, '-o', 'p.safetensors']).code, 0);
  const two = run(['eval', 'p.safetensors', '--history', 'h.csv', '--test', 't.csv', '--protocol', 'known-users', '--metrics', 'recall@5,ndcg@5,auc', '--json']);
  assert.deepEqual(one.metrics, two.json.metrics);
});

test('folds: the mean of the folds, and each of them; a file of folds', () => {
  const json = evaluate('--events', 'ratings.csv', '--split', 'folds:3', '--protocol', 'ratings');
  const folds = json.rows.map((row) => row.metrics.rmse.value), mean = folds.reduce((a, b) => a + b) / 3;
  assert.ok(folds.length === 3 && Math.abs(json.metrics.rmse.value - mean) < 1e-12);
  assert.deepEqual(json.metrics.rmse.ci95, [Math.min(...folds), Math.max(...folds)]);
  assert.equal(json.interval, 'lowest and highest fold');
  put('folds.txt', Array.from({ length: 720 }, (_, i) => i % 2).join('\n'));
  const halves = evaluate('--events', 'ratings.csv', '--folds', 'folds.txt');
  assert.deepEqual(halves.rows.map((row) => row.label), ['fold 0', 'fold 1']);
  put('short.txt', '0\n1\n');
  assert.equal(run(['eval', '--train', 'als', '--events', 'ratings.csv', '--folds', 'short.txt']).code, 3);
});

test('people as training left them stand beside folded ones', () => {
  const json = evaluate('--events', 'ratings.csv', '--split', 'random:25%', '--trained-person', '--metrics', 'recall@5');
  assert.ok(json.trained_person.metrics['recall@5'].value > 0.1);
  const { code, stderr, json: none } = run(['eval', '--train', 'popular', '--events', 'ratings.csv', '--split', 'random:25%', '--trained-person', '--json']);
  assert.equal(code, 0);
  assert.match(stderr, /leaves no vectors of people/);
  assert.equal(none.trained_person, undefined);
});

test('a blend is measured too, and has no trained person of its own', () => {
  const { code, json, stderr } = run(['eval', '--train', 'hybrid', '--members', 'als,popular', '--set', 'als.feedback=implicit', '--events', 'ratings.csv', '--split', 'random:25%',
    '--trained-person', '--metrics', 'recall@5', '--metric', 'recall@5', '--json']);
  assert.equal(code, 0, stderr);
  assert.ok(json.metrics['recall@5'].value > 0.1 && json.trained_person === undefined);
  assert.match(run(['eval', '--train', 'als', '--events', 'ratings.csv', '--members', 'als']).stderr, /members/);
  assert.match(run(['eval', '--train', 'als', '--events', 'ratings.csv', '--metric', 'ndcg@5']).stderr, /--metric is for/);
});

test('rows: by history, by popularity, by events that people are folded from', () => {
  const by = (...words) => evaluate('--events', 'ratings.csv', '--split', 'random:25%', '--metrics', 'recall@5,coverage@5', ...words);
  const history = by('--by', 'history');
  assert.deepEqual(history.rows.map(({ label, users }) => [label, users]), [['3 to 9 events', 60]]);
  assert.ok(Math.abs(history.rows[0].metrics['recall@5'].value - history.metrics['recall@5'].value) < 1e-12);
  assert.equal(history.rows[0].metrics['coverage@5'].value, null);
  const popularity = by('--by', 'popularity');
  assert.deepEqual(popularity.rows.map((row) => row.label.split(' ')[0]), ['head', 'middle', 'tail']);
  const events = by('--history-events', '1,3,100');
  assert.deepEqual(events.rows.map((row) => row.label), ['1', '3', '100']);
  assert.deepEqual(events.rows[2].metrics, events.metrics, 'more than anybody has: all');
  assert.notDeepEqual(events.rows[0].metrics, by('--history-events', '1', '--oldest-events').rows[0].metrics);
});

test('a sampled ranking says so, and draws the same again', () => {
  const sampled = () => evaluate('--events', 'ratings.csv', '--split', 'random:25%', '--sampled', '10');
  const json = sampled();
  assert.match(json.ranked, /^10 sampled items .* compare with no other ranking/);
  assert.deepEqual(Object.keys(json.metrics), ['hit@10', 'ndcg@10']);
  assert.deepEqual(json.metrics, sampled().metrics);
  assert.equal(evaluate('--events', 'ratings.csv').ranked, 'the whole catalogue');
});

test('bootstrap intervals: seeded, whatever the threads', () => {
  const boot = (...words) => evaluate('--events', 'ratings.csv', '--bootstrap', '500', '--metrics', 'recall@5,gini@5', ...words);
  const json = boot('--threads', '1'), { value, ci95: [low, high] } = json.metrics['recall@5'];
  assert.ok(json.interval === 'bootstrap' && low < value && value < high);
  assert.deepEqual(json.metrics, boot('--threads', '3').metrics);
  assert.deepEqual(json.metrics['gini@5'].ci95, [null, null]);
});

test('measures of slates: tags are needed for diversity, and found', () => {
  const json = evaluate('--events', 'ratings.csv', '--items', 'films.csv', '--metrics', 'diversity@5,spread@5,novelty@5,longtail@5');
  for (const { value } of Object.values(json.metrics)) assert.ok(value >= 0);
  const { code, stderr } = run(['eval', '--train', 'als', ...small, '--events', 'ratings.csv', '--metrics', 'diversity@5']);
  assert.equal(code, 3);
  assert.match(stderr, /column of tags/);
});

test('words that are off', () => {
  const off = (...words) => { const { code, stderr } = run(['eval', ...words]); return [code, stderr.split('\n')[0]]; };
  assert.match(off()[1], /either a PACK or --train FAMILY/);
  assert.match(off('--train', 'als')[1], /either --events FILE/);
  assert.match(off('--train', 'all', '--events', 'ratings.csv')[1], /als/);
  assert.match(off('--train', 'als', '--events', 'ratings.csv', '--split', 'halves')[1], /allowed are folds:5, leave-last, random:0\.2/);
  assert.match(off('--train', 'als', '--events', 'ratings.csv', '--split', 'folds:1')[1], /2 to 50 folds/);
  assert.match(off('--train', 'als', '--events', 'ratings.csv', '--split', 'users:0.2', '--trained-person')[1], /not trained on/);
  assert.match(off('--train', 'als', '--events', 'ratings.csv', '--history-events', '1,x')[1], /whole numbers from 1/);
  assert.match(off('p.safetensors', '--test', 'ratings.csv', '--set', 'factors=2')[1], /--set is for --train FAMILY/);
  for (const words of [[], ['--train', 'als']]) assert.equal(off(...words)[0], 2);
});
