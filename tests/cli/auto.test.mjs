// auto.test.mjs - auto: what it tries and packs, why explicit or implicit, a limit of bytes, Ctrl-C, the same bytes again, words that are off.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import test from 'node:test';
import { at, filmsCsv, folder, program, put, ratingsCsv, readPack, run } from './lib.mjs';

put('ratings.csv', ratingsCsv({ people: 150, films: 60 }));
put('films.csv', filmsCsv(60));
put('plays.csv', ratingsCsv({ people: 150, films: 60 }).split('\n').filter((l) => !/,[12],\d+$/.test(l)).map((l) => l.split(',').slice(0, 2).join(',')).join('\n'));
const FEW = ['--families', 'popular,als,rp3,item-knn', '--minutes', '20'];    // it ends when all is tried

test('choices: tries, a blend or the best try, everything in the pack', () => {
  const { code, json, stderr } = run(['auto', 'plays.csv', '--items', 'films.csv', ...FEW, '--json', '-o', 'a.safetensors']);
  assert.equal(code, 0, stderr);
  assert.ok(json.left_out.length === 0, 'only what was asked for can be left out');
  assert.match(json.feedback, /^implicit, because the file has no values/);
  assert.equal(json.metric, 'ndcg@20');
  const values = json.tries.map((t) => t.value);
  assert.ok(values.length >= 8 && values.every((v, i) => i === 0 || v <= values[i - 1]), 'best first');
  assert.deepEqual(new Set(json.tries.map((t) => t.family)), new Set(['popular', 'als', 'rp3', 'item-knn']));
  assert.ok(json.tries.some((t) => /^factors=\d+/.test(t.settings)) && json.tries.some((t) => t.chosen), 'settings are drawn');
  assert.ok(json.alone > values.at(-1) / 2);
  assert.match(stderr, /^read      \d+ events, 150 people, 60 items \(csv.*user=userId/);
  assert.match(stderr, /round 1 of 1: 4 families with their first settings, trained on all 150 people\n/);
  assert.match(stderr, /\d:\d\d left   als .*ndcg@20 0\.\d+/);
  const pack = readPack(at('a.safetensors'));
  assert.equal(pack.metadata['auto.trained_on'], 'everything');
  assert.match(pack.metadata['auto.try.01'], /: ndcg@20 0\.\d+, \d+ bytes$/);
  assert.equal(pack.strings('items.title').length, 60);
  assert.equal(run(['verify', 'a.safetensors']).code, 0);
  assert.ok(existsSync(at('a.safetensors.training')));
  const { json: slate } = run(['recommend', 'a.safetensors', '--history', 'f0,f2', '-n', '5', '--json']);
  assert.ok(slate.items.filter((i) => Number(i.id.slice(1)) % 2 === 0).length >= 4, 'people of f0 and f2 like even films');
});

test('ratings: explicit, and told why; a metric of a ranking makes them choices', () => {
  const rated = run(['auto', 'ratings.csv', '--families', 'als,slope-one', '--minutes', '2', '-o', 'r.safetensors']);
  assert.equal(rated.code, 0, rated.stderr);
  assert.match(rated.stdout, /explicit, because the values differ \(1 to 5\)/);
  assert.match(rated.stdout, /rmse/);
  const ranked = run(['auto', 'ratings.csv', '--families', 'als,popular', '--metric', 'hit@5', '--minutes', '2', '--json', '-o', 'r.safetensors']);
  assert.match(ranked.json.feedback, /implicit, because hit@5/);
});

test('the same tries give the same bytes, whatever the number of threads', () => {
  const once = (threads) => {
    assert.equal(run(['auto', 'plays.csv', ...FEW, '--threads', threads, '-o', 's.safetensors']).code, 0);
    return readFileSync(at('s.safetensors'));
  };
  assert.ok(once('1').equals(once('3')));
});

test('a search goes on from its state: the same pack, nothing tried twice but the winners', () => {
  const once = (out) => run(['auto', 'plays.csv', ...FEW, '--state', 'tries.state', '-o', out]);
  const whole = run(['auto', 'plays.csv', ...FEW, '-o', 'whole.safetensors']);
  const first = once('first.safetensors');
  assert.equal(first.code, 0, first.stderr);
  const lines = readFileSync(at('tries.state'), 'utf8').trim().split('\n');
  assert.ok(lines.length > 20);
  put('tries.state', `${lines.slice(0, 12).join('\n')}\n`);
  const again = once('again.safetensors');
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /as before/);
  assert.equal(readFileSync(at('tries.state'), 'utf8').trim().split('\n').length, lines.length);
  assert.equal(whole.code, 0);
  const tensors = (name) => { const p = readPack(at(name)); return p.bytes.subarray(p.dataAt); };
  for (const name of ['first.safetensors', 'again.safetensors']) assert.ok(tensors(name).equals(tensors('whole.safetensors')), name);
  const other = run(['auto', 'plays.csv', ...FEW, '--seed', '5', '--state', 'tries.state', '-o', 'x.safetensors']);
  assert.equal(other.code, 3);
  assert.match(other.stderr, /another search/);
});

test('a limit of bytes holds, small settings are tried, the front is shown', () => {
  const { code, stdout, stderr } = run(['auto', '--events', 'plays.csv', ...FEW, '--max-bytes', '18KB', '-o', 'm.safetensors']);
  assert.equal(code, 0, stderr);
  assert.ok(statSync(at('m.safetensors')).size <= 18000);
  assert.match(stdout, /best of its size/);
  const none = run(['auto', 'plays.csv', ...FEW, '--max-bytes', '500', '-o', 'none.safetensors']);
  assert.equal(none.code, 3);
  assert.ok(!existsSync(at('none.safetensors')));
});

test('Ctrl-C packs the best so far', async () => {
  put('many.csv', ratingsCsv({ people: 3000, films: 900, each: 25, seed: 3 }));
  rmSync(at('c.safetensors'), { force: true });
  const child = spawn(program, ['auto', 'many.csv', '--feedback', 'implicit', '--minutes', '3', '-o', 'c.safetensors'], { cwd: folder });
  let told = '';
  child.stderr.on('data', (bytes) => {
    const began = /left   popular/.test(told);
    told += bytes;
    if (!began && /left   popular/.test(told)) child.kill('SIGINT');
  });
  const code = await new Promise((done) => child.on('exit', done));
  assert.equal(code, 0, told);
  assert.equal(run(['verify', 'c.safetensors']).code, 0);
  assert.ok(told.trim().split('\n').length < 16, told);
});

test('next to no time: popularity or better is packed, and told what was left out', () => {
  for (const feedback of ['implicit', 'explicit']) {
    const start = Date.now();
    const { code, json, stderr } = run(['auto', 'many.csv', '--feedback', feedback, '--minutes', '0.01', '--json', '-o', 't.safetensors']);
    assert.equal(code, 0, stderr);
    assert.ok(Date.now() - start < 20_000);
    assert.ok(json.tries[0].value > 0);
    assert.equal(run(['verify', 't.safetensors']).code, 0);
    const late = json.left_out.filter((l) => /did not fit into the time/.test(l.why)).map((l) => l.family);
    assert.ok(!late.some((family) => json.tries.some((t) => t.family === family)), 'tried or left out, not both');
    assert.ok(late.includes(feedback === 'implicit' ? 'simplex' : 'nmf'), late.join());
  }
});

test('the time is kept', () => {
  const { code, json, stderr } = run(['auto', 'many.csv', '--feedback', 'implicit', '--minutes', '0.08', '--json', '-o', 't.safetensors']);
  assert.equal(code, 0, stderr);
  assert.ok(json.seconds < 0.08 * 60 * 1.15 + 15, `${json.seconds} s; 15 for a loaded machine`);
});

// Everybody walks through the items in a ring: the next one follows from the last one alone.
test('events in order: the last ones are held back, networks take part', () => {
  const ring = (u) => Array.from({ length: 12 }, (_, i) => `i${(u * 7 + i) % 97}`).join(' ');
  put('walks.txt', `${Array.from({ length: 300 }, (_, u) => `u${u} ${ring(u)}`).join('\n')}\n`);
  const families = ['--families', 'popular,als,gru'];
  const { code, json, stderr } = run(['auto', 'walks.txt', '--format', 'sequence', ...families, '--minutes', '0.6', '--metric', 'hit@5', '--json', '-o', 'w.safetensors']);
  assert.equal(code, 0, stderr);
  assert.match(json.held_back, /^each person's last event, because the file is in time order/);
  const best = (family) => Math.max(...json.tries.filter((t) => t.family === family).map((t) => t.value ?? 0));
  const gru = json.tries.find((t) => t.family === 'gru');
  assert.ok(gru.failure !== undefined || best('gru') > best('popular'), JSON.stringify(json.tries));    // a slow machine may stop it
  const drawn = run(['auto', 'walks.txt', '--format', 'adjacency', ...families, '--minutes', '0.1', '-o', 'w.safetensors']);
  assert.match(drawn.stdout, /left out  gru: they learn what comes next; --split leave-last measures that/);
  const none = run(['auto', 'plays.csv', '--split', 'leave-last', '-o', 'w.safetensors']);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /no times/);
});

test('many people: the first round asks a share of them, the last one all', () => {
  put('crowd.csv', ratingsCsv({ people: 16_000, films: 60, each: 4, seed: 5 }));
  const { code, json, stderr } = run(['auto', 'crowd.csv', '--feedback', 'implicit', '--families', 'popular,rp3,item-knn', '--minutes', '2', '--json', '-o', 'p.safetensors']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /round 1 of 2: .* trained on 5333 people\n/);
  assert.match(stderr, /round 2 of 2: \d+ best so far, trained on all 16000 people\n/);
  assert.ok(json.tries.every((t) => !t.chosen || t.people === 1));
  assert.ok(json.tries.some((t) => t.people < 0.34), 'the worse ones stay in the first round');
  assert.ok(json.tries.some((t) => t.people === 1 && t.settings === '' && t.family !== 'popular'), 'first settings reach the last round');
});

test('words that are off', () => {
  const refused = (words, ...more) => {
    const { code, stderr } = run(['auto', 'plays.csv', '-o', 'x.safetensors', ...more]);
    assert.equal(code, 2, stderr);
    assert.ok(stderr.includes(words), `"${words}" in: ${stderr}`);
  };
  refused('--max-bytes', '--max-bytes', 'much');
  refused('did you mean als', '--families', 'alss');
  refused('--metric', '--metric', 'ndcg@900');
  refused('no ratings that differ', '--feedback', 'explicit');
  refused('does not go with', '--feedback', 'implicit', '--metric', 'rmse');
  refused('do not go together', '--state', 's', '--max-bytes', '1MB');
  refused('one file of events', '--events', 'plays.csv');
  assert.match(run(['auto', '--help']).stdout, /--max-bytes/);
});
