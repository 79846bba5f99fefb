// answers.test.mjs - recommend, similar, inspect, verify, bench: the form of their JSON, reasons that add up to the
// score's bits, lists, histories, and packs that are refused by name.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { at, put, readPack, run, smallPack } from './lib.mjs';

const pack = smallPack();
const explicit = smallPack('explicit.safetensors', ['--set', 'feedback=explicit', '--set', 'iterations=3'].slice(2));
const scratch = new DataView(new ArrayBuffer(4));
const bits = (x) => { scratch.setFloat32(0, x); return scratch.getUint32(0).toString(16).padStart(8, '0'); };
const recommend = (...more) => run(['recommend', pack, '--json', ...more]);
const ids = ({ json }) => json.items.map((i) => i.id);

// ----------------------------------------------------------------- recommend

test('the form of a slate', () => {
  const { code, json, stdout } = recommend('--history', 'f1,f3', '-n', '4');
  assert.equal(code, 0);
  assert.ok(stdout.endsWith('}\n') && stdout.indexOf('\n') === stdout.length - 1, 'one line');
  assert.deepEqual(Object.keys(json), ['items', 'model', 'complete', 'rows', 'unknown']);
  assert.deepEqual([json.items.length, json.model, json.complete, json.rows, json.unknown], [4, 'als', true, 40, []]);
  json.items.forEach((item, i) => {
    assert.deepEqual(Object.keys(item), ['id', 'score', 'score_bits', 'position', 'model']);
    assert.equal(item.position, i);
    assert.equal(bits(item.score), item.score_bits);
    if (i > 0) assert.ok(item.score <= json.items[i - 1].score);
  });
});

test('people who like odd films are shown odd films', () => {
  const odd = ids(recommend('--history', 'f1,f3,f5,f7', '-n', '8')).filter((id) => Number(id.slice(1)) % 2).length;
  assert.ok(odd >= 7, `${odd} of 8`);
});

for (const [name, path] of [['implicit', pack], ['explicit', explicit]]) {
  test(`reasons of an ${name} model, added in their order, are the score`, () => {
    const { json } = run(['recommend', path, '--json', '--explain', '--history', 'f1,f3,f8,f9,f12,f2', '-n', '40', '--reasons', '3']);
    for (const { id, score_bits, reasons } of json.items) {
      const sum = reasons.reduce((total, { weight }) => total + weight, 0);
      assert.equal(bits(Math.fround(sum)), score_bits, id);
      assert.ok(reasons.filter((r) => r.kind === 'event').length <= 3);
      for (const r of reasons) if (r.kind === 'event') assert.equal(['f1', 'f3', 'f8', 'f9', 'f12', 'f2'][r.event], r.item);
    }
  });
}

test('reasons in words name titles and what was done', () => {
  const { stdout } = run(['recommend', pack, '--history', 'f1,f3', '--kind', 'like', '--explain', '-n', '2']);
  assert.match(stdout, /^ {2}1\. Film \d+, the odd/);
  assert.match(stdout, /your like of Film [13], the odd/);
});

test('lists are kept', () => {
  const all = ids(recommend('--history', 'f1', '-n', '40'));
  assert.ok(!all.includes('f1') && all.length === 39);
  assert.ok(ids(recommend('--history', 'f1', '-n', '40', '--with-seen')).includes('f1'));
  assert.deepEqual(ids(recommend('--history', 'f1', '--allow', 'f9,f2,f1,unknown')).sort(), ['f2', 'f9']);
  assert.deepEqual(ids(recommend('--history', 'f1', '--allow', '')), []);
  assert.deepEqual(ids(recommend('--history', 'f1', '-n', '40', '--deny', 'f2,f4')), all.filter((id) => id !== 'f2' && id !== 'f4'));
});

test('strangers get what is popular; a named model answers or refuses', () => {
  const { json } = recommend('-n', '3');
  assert.equal(json.model, 'popular');
  assert.deepEqual(ids(recommend('--history', 'nobody', '-n', '3')), json.items.map((i) => i.id));
  assert.deepEqual(recommend('--history', 'nobody').json.unknown, ['nobody']);
  assert.equal(recommend('--history', 'f1', '--model', 'popular').json.model, 'popular');
  const { code, stderr } = recommend('--model', 'als', '--no-fallback');
  assert.equal(code, 3);
  assert.match(stderr, /NOT_FOUND/);
});

test('a history from a file: kinds, values, times, order by time', () => {
  put('h.jsonl', '{"item":"f3","kind":"view","time":2000}\n\n{"item":"f1","time":1000,"value":1}\n');
  put('i.jsonl', '{"item":"f1","time":1000}\n{"item":"f3","time":2000}\n');
  assert.deepEqual(recommend('--history-file', 'h.jsonl').json.items, recommend('--history-file', 'i.jsonl').json.items);
  assert.deepEqual(recommend('--history-file', 'h.jsonl').json.items, recommend('--history', 'f1,f3').json.items);
  put('hide.jsonl', '{"item":"f1"}\n{"item":"f5","kind":"hide"}\n');
  const shown = ids(recommend('--history-file', 'hide.jsonl', '-n', '40', '--with-seen'));
  assert.ok(!shown.includes('f5') && shown.includes('f1'));
  assert.equal(run(['recommend', pack, '--json', '--history-file', '-'], { input: '{"item":"f1"}\n' }).stdout, recommend('--history', 'f1').stdout);
  for (const [line, ...words] of [['{"item":1}', 'line 2', 'event.item', 'string'], ['{"kind":"view"}', 'line 2', 'item is missing'], ['{"item":"a","x":1}', 'line 2', 'event.x'],
    ['{"item":"a"', 'line 2', 'ends early'], ['[]', 'line 2', 'object'], ['{"item":"a","time":1.5}', 'line 2', 'milliseconds'], ['{"item":"a","item":"b"}', 'line 2', 'twice'],
    ['{"item":"a","kind":"A!"}', 'EVENT', 'event 2'], ['{"item":"a","value":1e60}', 'line 2', 'finite']]) {
    put('bad.jsonl', `{"item":"f1"}\n${line}\n`);
    const { code, stderr } = recommend('--history-file', 'bad.jsonl');
    assert.equal(code, 3, line);
    for (const word of words) assert.ok(stderr.includes(word), `"${word}" in: ${stderr}`);
  }
});

test('a long history is folded whole', () => {
  put('long.jsonl', Array.from({ length: 5000 }, (_, i) => JSON.stringify({ item: `f${i % 40}`, slate: 'x'.repeat(60), time: i })).join('\n'));
  const { code, json, stderr } = recommend('--history-file', 'long.jsonl', '--with-seen', '--explain', '-n', '1', '--reasons', '100');
  assert.equal(code, 0, stderr);
  assert.equal(json.items[0].reasons.filter((r) => r.kind === 'event').length, 40);
});

// ------------------------------------------------------------------- similar

test('similar items, the item itself left out', () => {
  const { json } = run(['similar', pack, 'f1', '-n', '40', '--json']);
  assert.equal(json.items.length, 39);
  assert.ok(!json.items.some((i) => i.id === 'f1'));
  assert.ok(json.items.every((i) => i.score <= 1.000001 && i.score >= -1.000001));
  assert.deepEqual(run(['similar', pack, 'f1', '--allow', 'f2,f1', '--json']).json.items.map((i) => i.id), ['f2']);
  const { code, stderr } = run(['similar', pack, 'f99']);
  assert.equal(code, 3);
  assert.match(stderr, /UNKNOWN_ITEM: .*"f99"/);
});

// ------------------------------------------------------------ inspect, verify

test('inspect shows what is there', () => {
  const { json } = run(['inspect', pack, '--json']);
  assert.deepEqual([json.name, json.items, json.models, json.columns], ['small', 40, ['als', 'popular'], { title: 'text', year: 'number', genres: 'tags' }]);
  assert.equal(json.bytes, readFileSync(pack).length);
  assert.deepEqual(json.tensors.find((t) => t.name === 'als.items'), { name: 'als.items', dtype: 'F32', shape: [40, 8], bytes: 1280 });
  assert.deepEqual(json.metadata, readPack(pack).metadata);
  const { stdout } = run(['inspect', pack]);
  for (const word of ['small', 'als, popular', 'als.items', 'title', 'data.sha256']) assert.ok(stdout.includes(word), word);
});

test('text of a pack cannot drive the terminal', () => {
  put('evil.csv', 'id,title\nf1,"\u001b[31mred\u0007"\n');
  run(['train', 'als', '--events', 'ratings.csv', '--items', 'evil.csv', '--set', 'factors=4', '-o', 'evil.safetensors']);
  for (const args of [['recommend', 'evil.safetensors', '-n', '40'], ['recommend', 'evil.safetensors', '--history', 'f1', '--explain']]) {
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(run(args).stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  }
});

test('verify tells a changed byte', () => {
  const { code, json } = run(['verify', pack, '--json']);
  assert.deepEqual([code, json.valid, json.items, json['data.sha256']], [0, true, 40, readPack(pack).metadata['data.sha256']]);
  const { bytes, dataAt } = readPack(pack);
  const changed = Buffer.from(bytes);
  changed[dataAt + 1] ^= 1;                                  // a low bit of a number: well-formed, but not what was written
  const { code: bad, stderr } = run(['verify', put('changed.safetensors', changed)]);
  assert.equal(bad, 3);
  assert.match(stderr, /PACK_DIGEST/);
  assert.equal(run(['inspect', 'changed.safetensors']).code, 0);
});

test('every command refuses a pack that is damaged, with the same sentence', () => {
  const { bytes } = readPack(pack);
  const damaged = { 'cut.safetensors': bytes.subarray(0, bytes.length - 1), 'empty.safetensors': Buffer.alloc(0), 'text.safetensors': Buffer.from('not a pack at all'),
    'header.safetensors': Buffer.concat([bytes.subarray(0, 9), Buffer.from('!'), bytes.subarray(10)]) };
  for (const [name, content] of Object.entries(damaged)) {
    put(name, content);
    const sentences = [['verify', name], ['inspect', name], ['recommend', name], ['similar', name, 'f1'], ['answer', name], ['bench', name], ['eval', name, '--test', 'ratings.csv']].map((args) => {
      const { code, stderr } = run(args, { input: '{}' });
      assert.equal(code, 3, `${args.join(' ')}: ${stderr}`);
      return stderr;
    });
    assert.equal(new Set(sentences).size, 1, name);
    assert.match(sentences[0], /^inkling: PACK_[A-Z_]+: /);
  }
});

// --------------------------------------------------------------------- bench

test('the form of bench', () => {
  const { code, json, stderr } = run(['bench', pack, '--seconds', '0.01', '--json', '--kernel', 'ref']);
  assert.equal(code, 0, stderr);
  assert.deepEqual(json.runs.map((r) => [r.kernel, r.what]), [['', 'open the pack'], ['ref', 'fold'], ['ref', 'track + recommend'], ['ref', 'similar']]);
  for (const r of json.runs) assert.ok(r.least_ms > 0 && r.median_ms >= r.least_ms && r.runs >= 3);
  assert.equal(run(['bench', '--items', '500', '--dimensions', '8', '--seconds', '0.01']).code, 0);
});
