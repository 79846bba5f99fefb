// compare_tune.test.mjs - compare: packs side by side, and that luck is not taken for a difference; tune: the same search again,
// going on from a state, bad states and words.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { at, put, random, ratingsCsv, run } from './lib.mjs';

put('ratings.csv', ratingsCsv());
put('others.csv', ratingsCsv({ people: 120, from: 1000, seed: 9 }));
const train = (family, out, ...more) => {
  const made = run(['train', family, '--events', 'ratings.csv', '-o', out, ...more]);
  assert.equal(made.code, 0, made.stderr);
};
const implicit = ['--set', 'factors=6', '--set', 'feedback=implicit'];
train('als', 'als.safetensors', ...implicit);
train('als', 'again.safetensors', ...implicit);
train('popular', 'popular.safetensors');

const compare = (...words) => {
  const { code, json, stderr } = run(['compare', ...words, '--test', 'others.csv', '--metrics', 'recall@5,coverage@5', '--json']);
  assert.equal(code, 0, stderr);
  return json;
};

test('the same pack twice: no difference, p 1; a better one: told', () => {
  const same = compare('als.safetensors', 'again.safetensors').packs[1].metrics['recall@5'].to_first;
  assert.deepEqual([same.difference, same.p_randomization, same.p_t, same.ci95], [0, 1, 1, [0, 0]]);
  const json = compare('popular.safetensors', 'als.safetensors');
  const { value, to_first: pair } = json.packs[1].metrics['recall@5'];
  assert.ok(pair.p_randomization < json.significant_below && pair.p_t < 0.01 && pair.ci95[0] > 0);
  assert.ok(Math.abs(pair.difference - (value - json.packs[0].metrics['recall@5'].value)) < 1e-12);
  assert.equal(json.packs[0].metrics['recall@5'].to_first, undefined);
  assert.equal(json.packs[1].metrics['coverage@5'].to_first, undefined);
  assert.deepEqual([json.ranked, json.packs[0].models, json.significant_below], ['the whole catalogue', 'popular', 0.05]);
});

test('what eval says of each pack, with bytes and milliseconds', () => {
  const json = compare('popular.safetensors', 'als.safetensors');
  for (const pack of json.packs) {
    const { json: alone } = run(['eval', pack.pack, '--test', 'others.csv', '--metrics', 'recall@5,coverage@5', '--json']);
    assert.equal(pack.metrics['recall@5'].value, alone.metrics['recall@5'].value);
    assert.equal(pack.bytes, readFileSync(at(pack.pack)).length);
    assert.ok(pack.slate_ms > 0 && pack.open_ms > 0);
  }
});

test('the table for people', () => {
  const { code, stdout } = run(['compare', 'popular.safetensors', 'als.safetensors', '--test', 'others.csv', '--rounds', '1000']);
  assert.equal(code, 0);
  assert.match(stdout, /ranked among the whole catalogue[^]*recall@20[^]*\* p < 0\.025/);
});

test('packs that were trained on the test are refused', () => {
  const { code, stderr } = run(['compare', 'popular.safetensors', 'als.safetensors', '--test', 'ratings.csv']);
  assert.equal(code, 3);
  assert.match(stderr, /DATA_OVERLAP/);
  assert.equal(run(['compare', 'als.safetensors', '--test', 'others.csv']).code, 2);
});

// ------------------------------------------------------------------------ tune

const words = ['tune', 'als', '--events', 'ratings.csv', '--set', 'feedback=implicit', '--try', 'factors=2,4,8', '--try', 'regularization=0.0005..0.5', '--trials', '9'];
const tune = (...more) => {
  const { code, json, stderr } = run([...words, ...more, '--json']);
  assert.equal(code, 0, stderr);
  return json;
};
const found = ({ trials }) => trials.map(({ config, people, value, settings }) => [config, people, value, settings.factors, settings.regularization]);

test('halving: fewer and fewer on ever more people; the same with the same seed and other threads', () => {
  const json = tune('--threads', '1'), shares = json.trials.map((t) => Math.round(t.people * 9));
  assert.deepEqual([9, 3, 1].map((share) => shares.filter((s) => s === share).length), [1, 3, 9]);
  assert.deepEqual(found(json), found(tune('--threads', '3')));
  assert.notDeepEqual(found(json), found(tune('--seed', '5')));
  for (const { settings } of json.trials) assert.ok([2, 4, 8, 64].includes(settings.factors));
});

test('a blend: its settings and those of its members, in words that train takes', () => {
  const members = ['--members', 'als,rp3'], blend = ['tune', 'hybrid', '--events', 'ratings.csv', ...members, '--set', 'feedback=implicit', '--set', 'als.iterations=2'];
  const space = ['--try', 'als.factors=2,4,8', '--try', 'rp3.beta=0.1..0.9', '--try', 'people=50,100', '--trials', '4'];
  const { code, json, stderr } = run([...blend, ...space, '-o', 'blend.txt', '--json']);
  assert.equal(code, 0, stderr);
  assert.equal(json.family, 'hybrid');
  for (const { settings, value } of json.trials) {
    assert.ok(value > 0 && [2, 4, 8, 64].includes(settings['als.factors']) && settings['als.iterations'] === 2);
    assert.ok([50, 100, 10000].includes(settings.people));
  }
  const best = json.trials[0].settings, made = run(['train', 'hybrid', '--events', 'ratings.csv', ...members, '--set', '@blend.txt', '-o', 'best.safetensors', '--json']);
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(['als.factors', 'als.iterations', 'rp3.beta', 'people'].map((name) => made.json.settings[name] - best[name]), [0, 0, 0, 0]);
  assert.match(run([...blend, ...space]).stdout, /inkling train hybrid --members als,rp3 --set als\.factors=/);
  const refused = (words, ...more) => assert.match(run(more).stderr, words);
  refused(/"slim" is not among --members/, ...blend, '--try', 'slim.l1=1..2');
  refused(/hybrid wants --members/, 'tune', 'hybrid', '--events', 'ratings.csv');
  refused(/--members is for a blend/, 'tune', 'als', '--events', 'ratings.csv', ...members);
});

test('random: each on all people', () => {
  const json = tune('--method', 'random', '--metric', 'recall@5');
  assert.deepEqual([json.trials.length, new Set(json.trials.map((t) => t.people)).size, json.metric], [9, 1, 'recall@5']);
  const values = json.trials.map((t) => t.value);
  assert.deepEqual(values, [...values].sort((a, b) => b - a));
});

test('a search that was stopped goes on from its state', () => {
  const whole = tune('--state', 'state.jsonl'), lines = readFileSync(at('state.jsonl'), 'utf8').trim().split('\n');
  assert.equal(lines.length, 14);
  const cut = (n) => writeFileSync(at('state.jsonl'), `${lines.slice(0, n).join('\n')}\n`);
  for (const n of [1, 6, 11]) {
    cut(n);
    const again = tune('--state', 'state.jsonl');
    assert.equal(again.kept, n - 1);
    assert.deepEqual(found(again), found(whole));
  }
  const other = run([...words, '--state', 'state.jsonl', '--seed', '1']);
  assert.deepEqual([other.code, /line 1: the state of another search/.test(other.stderr)], [3, true]);
});

test('damaged states are refused with the line, never crashed on', () => {
  tune('--state', 'state.jsonl');
  const text = readFileSync(at('state.jsonl')), next = random(7);
  for (let i = 0; i < 40; i++) {
    const broken = Buffer.from(text);
    broken[Math.floor(next() * broken.length)] = Math.floor(next() * 256);
    put('broken.jsonl', broken);
    const { code, stderr } = run([...words, '--state', 'broken.jsonl']);
    assert.ok(code === 0 || (code === 3 && /TUNE_STATE: broken\.jsonl: line \d+/.test(stderr)), `${code} ${stderr}`);
  }
});

test('the best settings are written, and train takes them', () => {
  tune('--state', 'state.jsonl', '-o', 'best.txt');
  assert.match(readFileSync(at('best.txt'), 'utf8'), /^feedback=implicit$/m);
  put('best.txt', '# found\n\nfactors=5\nfeedback=implicit\n');
  const made = run(['train', 'als', '--events', 'ratings.csv', '--set', '@best.txt', '-o', 'b.safetensors', '--json']);
  assert.deepEqual([made.json.settings.factors, made.json.settings.feedback], [5, 'implicit']);
  const over = run(['train', 'als', '--events', 'ratings.csv', '--set', '@best.txt', '--set', 'factors=3', '-o', 'b.safetensors', '--json']);
  assert.equal(over.json.settings.factors, 3, 'what the call says goes before the file');
  put('best.txt', 'factor=5\n');
  assert.equal(run(['train', 'als', '--events', 'ratings.csv', '--set', '@best.txt', '-o', 'b.safetensors']).code, 2);
});

test('ratings: less is better; people held back as a whole', () => {
  const json = run(['tune', 'als', '--events', 'ratings.csv', '--set', 'feedback=explicit', '--try', 'factors=2,4', '--method', 'random', '--trials', '3', '--json']).json;
  assert.equal(json.metric, 'rmse');
  assert.ok(json.trials[0].value <= json.trials[2].value);
  assert.equal(tune('--split', 'users:20%').trials.length, 13);
});

test('words that are off', () => {
  const off = (...more) => run(['tune', 'als', '--events', 'ratings.csv', ...more]);
  assert.match(off('--try', 'factors=0,4').stderr, /whole numbers from 1/);
  assert.match(off('--try', 'factors=9..3').stderr, /factors=A\.\.B/);
  assert.match(off('--try', 'model=x').stderr, /words of the setting/);
  assert.match(off('--try', 'factor=2').stderr, /has no setting "factor"/);
  assert.match(off('--metric', 'novelty@5').stderr, /not whether they are right/);
  assert.match(off('--split', 'none').stderr, /leave-last/);
  assert.equal(off('--metric', 'recall').code, 2);
  assert.equal(run(['tune', 'als']).code, 2);
});
