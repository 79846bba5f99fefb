// content.test.mjs - words and tags on the command line: training with and without items that nobody chose, reasons by words, ages
// and trends of popularity, vectors of words, and what is refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import { at, put, readPack, run } from './lib.mjs';

const ITEMS = 'id,title,kind\na,The fire bus,red|fast\nb,A ship on fire,fast\nc,Ship of fools,old\nd,The bus to the ship,red|old\ne,A bus on fire,red\nnobody,Fire!,red\n';
const EVENTS = 'user,item,time\nu,a,2024-01-01\nu,b,2024-01-02\nv,c,2024-02-01\nv,d,2024-02-02\nw,d,2024-02-02\nw,e,2024-02-03\n';
put('events.csv', EVENTS);
put('items.csv', ITEMS);
const train = (family, ...more) => run(['train', family, '--events', 'events.csv', '--items', 'items.csv', '--items-types', 'title=text,kind=tags', '-o', 'c.safetensors', ...more]);

test('reasons name the words, and add up', () => {
  assert.equal(train('content', '--all-items', '--set', 'max_df=1').code, 0);
  const { json, stderr } = run(['recommend', 'c.safetensors', '--history', 'a', '--kind', 'like', '-n', '5', '--explain', '--by-terms', '--json']);
  assert.ok(json, stderr);
  assert.ok(json.items.some(({ id }) => id === 'nobody'), 'an item that nobody chose takes part');
  const first = json.items.find(({ id }) => id === 'e'), terms = first.reasons.filter((r) => r.kind === 'term').map((r) => r.term).sort();
  assert.deepEqual(terms, ['bus', 'fire', 'kind:red']);
  assert.equal(Math.fround(first.reasons.reduce((sum, r) => sum + r.weight, 0)), Math.fround(first.score));
  const shown = run(['recommend', 'c.safetensors', '--history', 'a', '-n', '1', '--explain', '--by-terms']).stdout;
  assert.match(shown, /\+0\.\d+ {2}\w+/);
  const events = run(['recommend', 'c.safetensors', '--history', 'a', '-n', '1', '--explain', '--json']).json.items[0].reasons;
  assert.deepEqual(events.map((r) => r.kind).filter((kind) => kind !== 'rest'), ['event']);
});

test('a holdout keeps the columns; the same bytes again', () => {
  assert.equal(train('content', '--holdout', 'users:34%', '--seed', '3').code, 0);
  const digest = readPack(at('c.safetensors')).metadata['data.sha256'];
  assert.equal(train('content', '--holdout', 'users:34%', '--seed', '3', '--threads', '3').code, 0);
  assert.equal(readPack(at('c.safetensors')).metadata['data.sha256'], digest);
});

test('popularity ages, and trends', () => {
  const scores = (...more) => {
    const { code, stderr } = train('popular', '--set', 'diversity=0', ...more);
    assert.equal(code, 0, stderr);
    const pack = readPack(at('c.safetensors')), { values: data } = pack.tensor('popular.scores');
    return Object.fromEntries(pack.strings('items.id').map((id, i) => [id, data[i]]));
  };
  assert.equal(scores().d, 2);
  assert.ok(Math.abs(scores('--set', 'half_life=1').d - 1) < 1e-6, 'both a day before the last');
  const trend = scores('--set', 'rank=trending', '--set', 'half_life=7');
  assert.ok(trend.d > 0 && trend.a < 0);
});

test('vectors of words: GloVe and word2vec text alike', () => {
  const words = 'fire 1 0 0\nbus 0 1 0\nship 0 0 1\nfools 1 1 1\n';
  put('glove.txt', words);
  put('w2v.txt', `4 3\n${words}`);
  const pack = (file) => {
    const { code, stderr } = train('content-vectors', '--vectors', file, '--set', 'min_df=1');
    assert.equal(code, 0, stderr);
    return readPack(at('c.safetensors')).metadata['data.sha256'];
  };
  assert.equal(pack('glove.txt'), pack('w2v.txt'));
  assert.equal(run(['similar', 'c.safetensors', 'a', '-n', '2', '--json']).json.items.length, 2);
});

test('what is refused', () => {
  const refused = (answer, ...parts) => {
    assert.equal(answer.code, 3, answer.stderr);
    for (const part of parts) assert.ok(answer.stderr.includes(part), `"${part}" in: ${answer.stderr}`);
  };
  refused(run(['train', 'content', '--events', 'events.csv', '-o', 'x.safetensors']), 'DATA_EMPTY', '--items');
  refused(train('content', '--set', 'profile=ratings'), 'SETTING');
  refused(train('content-vectors', '--set', 'method=sif'), 'SETTING', '--vectors');
  put('other.txt', 'nowhere 1 2\n');
  refused(train('content-vectors', '--vectors', 'other.txt'), 'DATA_EMPTY', 'vectors');
  put('bad.txt', 'fire 1 2\nbus 1 x\n');
  refused(train('content-vectors', '--vectors', 'bad.txt'), 'DATA_NUMBER', 'bad.txt');
});
