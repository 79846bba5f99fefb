// train.test.mjs - train: its report, what it writes, holdouts, the same bytes again, inputs refused by file and line.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { at, files, filmsCsv, put, ratingsCsv, readPack, run } from './lib.mjs';

put('ratings.csv', ratingsCsv());
put('films.csv', filmsCsv());
const FEW = ['--set', 'factors=8', '--set', 'iterations=3'];
const train = (...more) => run(['train', 'als', '--events', 'ratings.csv', '-o', 'a.safetensors', ...FEW, ...more]);

function refused(name, content, words, ...more) {
  const { code, stderr } = run(['train', 'als', '--events', put(name, content), '-o', 'out.safetensors', ...FEW, ...more]);
  assert.equal(code, 3, `${name}: exit ${code}, ${stderr}`);
  for (const word of words) assert.ok(stderr.includes(word), `"${word}" in: ${stderr}`);
  assert.deepEqual(files().filter((f) => f.startsWith('out')), []);
}

test('the report of --json', () => {
  const { code, json, stderr } = train('--items', 'films.csv', '--json', '--seed', '5');
  assert.equal(code, 0, stderr);
  assert.deepEqual([json.pack, json.sidecar, json.family, json.users, json.items, json.events, json.seed],
    ['a.safetensors', 'a.safetensors.training', 'als', 60, 40, 720, 5]);
  assert.deepEqual(json.trained, { users: 60, events: 720 });
  assert.deepEqual(json.holdout, { rule: 'none', events: 0 });
  assert.equal(json.settings.factors, 8);
  assert.equal(json.settings.solver, 'cholesky');
  assert.equal(json.bytes, readFileSync(at('a.safetensors')).length);
  for (const part of ['read', 'train', 'write']) assert.equal(typeof json.seconds[part], 'number');
});

test('the pack holds catalogue, columns, models and where it came from; nobody of those it learnt from', () => {
  train('--items', 'films.csv', '--name', 'Films', '--licence', 'CC-BY-4.0');
  const pack = readPack(at('a.safetensors'));
  assert.deepEqual(pack.tensor('als.items').shape, [40, 8]);
  assert.equal(pack.strings('items.title')[pack.strings('items.id').indexOf('f7')], 'Film 7, the odd');
  assert.deepEqual([pack.metadata.name, pack.metadata.licence, pack.metadata.models, pack.metadata['train.events'], pack.metadata['train.holdout']],
    ['Films', 'CC-BY-4.0', 'als,popular', '720', 'none']);
  assert.ok(pack.names.includes('popular.scores'));
  assert.ok(!pack.bytes.includes(Buffer.from('u17')), 'no id of a person');
  assert.equal(run(['verify', 'a.safetensors']).code, 0);
});

test('same input, same bytes, whatever the number of threads; another seed, other bytes', () => {
  train('--threads', '1');
  const pack = readFileSync(at('a.safetensors')), sidecar = readFileSync(at('a.safetensors.training'));
  for (const threads of ['2', '3', '7']) {
    train('--threads', threads);
    assert.ok(pack.equals(readFileSync(at('a.safetensors'))), `${threads} threads`);
    assert.ok(sidecar.equals(readFileSync(at('a.safetensors.training'))));
  }
  train('--seed', '1');
  assert.ok(!pack.equals(readFileSync(at('a.safetensors'))));
});

test('gzip, tabs, standard input and other column names are read alike', () => {
  train();
  const want = readPack(at('a.safetensors')).metadata['data.sha256'];
  const digest = (events, ...more) => {
    const { code, stderr } = run(['train', 'als', '--events', events, '-o', 'b.safetensors', ...FEW, ...more], { input: ratingsCsv() });
    assert.equal(code, 0, stderr);
    return readPack(at('b.safetensors')).metadata['data.sha256'];
  };
  assert.equal(digest(put('r.csv.gz', gzipSync(ratingsCsv()))), want);
  assert.equal(digest(put('r.tsv', ratingsCsv().replaceAll(',', '\t'))), want);
  assert.equal(digest('-'), want);
  assert.equal(digest(put('r2.csv', ratingsCsv().replace('userId,movieId,rating,timestamp', 'a,b,c,d')), '--columns', 'user=a,item=b,value=c,time=d'), want);
});

test('holdouts keep out what they say', () => {
  const kept = (...more) => train('--json', ...more).json;
  assert.deepEqual(kept('--holdout', 'leave-last').holdout, { rule: 'leave-last', events: 120 });
  assert.deepEqual(kept('--holdout', 'users:10%').trained, { users: 54, events: 648 });
  assert.deepEqual(kept('--holdout', 'users:0.1').trained, { users: 54, events: 648 });
  assert.equal(kept('--holdout', 'time:80%').holdout.events, 144);
  assert.equal(kept('--holdout', 'time:2020-09-13T20:00:00Z').holdout.events, kept('--holdout', 'time:1600027200').holdout.events);
  assert.equal(readPack(at('a.safetensors')).metadata['train.holdout'], 'time:1600027200');
  kept('--holdout', 'users:10%', '--items', 'films.csv');
  const whole = readPack(at('a.safetensors'));
  assert.equal(whole.tensor('als.items').shape[0], 40, 'the catalogue is whole');
  assert.equal(whole.strings('items.title').length, 40);
});

test('popular alone is a pack too', () => {
  assert.equal(run(['train', 'popular', '--events', 'ratings.csv', '-o', 'p.safetensors']).code, 0);
  const { json } = run(['recommend', 'p.safetensors', '-n', '3', '--json']);
  const scores = readPack(at('p.safetensors')).tensor('popular.scores').values;
  assert.deepEqual(json.items.map((i) => i.score), [...scores].sort((a, b) => b - a).slice(0, 3));
});

test('inputs are refused by file, line and column', () => {
  refused('bad1.csv', 'user,item,rating\na,b,5\nc,d,much\n', ['DATA_NUMBER', 'bad1.csv', 'line 3', 'much']);
  refused('bad2.csv', 'user,item,rating\na,b,5\nc,d\n', ['bad2.csv', 'line 3']);
  refused('bad3.csv', 'user,item,rating\na,b,nan\n', ['line 2']);
  refused('bad4.csv', Buffer.from('user,item\na,\xff\n', 'latin1'), ['DATA_UTF8', 'line 2']);
  refused('bad5.csv', 'user,item\n', ['DATA_EMPTY', 'bad5.csv']);
  refused('bad6.csv', '', ['bad6.csv']);
  refused('bad7.csv', 'a,b\n1,2\n', ['bad7.csv']);
  refused('bad8.csv.gz', gzipSync(ratingsCsv()).subarray(0, 900), ['gzip']);
  refused('bad9.csv', ratingsCsv(), ['bad9.csv', 'line 1'], '--columns', 'user=nosuch');
  refused('bad10.csv', ratingsCsv(), ['nothing.csv'], '--items', 'nothing.csv');
  refused('bad11.csv', ratingsCsv(), ['twice.csv', 'line 3'], '--items', put('twice.csv', 'id,title\nf1,One\nf1,Two\n'));
  refused('bad12.csv', ratingsCsv().split('\n').map((l) => l.split(',').slice(0, 3).join(',')).join('\n'), ['time'], '--holdout', 'time:80%');
});

test('files that are not there, and folders', () => {
  assert.equal(run(['train', 'als', '--events', 'nowhere.csv', '-o', 'x.safetensors']).code, 3);
  assert.equal(run(['train', 'als', '--events', '.', '-o', 'x.safetensors']).code, 3);
  assert.equal(run(['train', 'als', '--events', 'ratings.csv', ...FEW, '-o', 'no/such/folder.safetensors']).code, 4);
  assert.equal(run(['train', 'als', '--events', 'ratings.csv', ...FEW, '-o', '.']).code, 4);
  assert.ok(!existsSync(at('x.safetensors')));
});

test('a refusal leaves the pack that was there as it was', () => {
  train();
  copyFileSync(at('a.safetensors'), at('before.safetensors'));
  put('bad.csv', 'user,item\na\n');
  assert.equal(run(['train', 'als', '--events', 'bad.csv', '-o', 'a.safetensors']).code, 3);
  assert.ok(readFileSync(at('a.safetensors')).equals(readFileSync(at('before.safetensors'))));
  rmSync(at('before.safetensors'));
});
