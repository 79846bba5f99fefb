// contract.test.mjs - openapi.yaml's examples, and hostile requests, against every edge: `inkling answer`, the two WASI
// commands, and the HTTP worker. All give the same answer, and the refusals of C are exact in code and place.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { createWorker } from '../../edge/worker.mjs';

const program = resolve(process.env.INKLING_BIN ?? 'build/inkling');
const wasi = process.env.INKLING_WASI ?? 'build/wasi';
const folder = mkdtempSync(join(tmpdir(), 'inkling-edge-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// Forty films, half of them odd; two groups of people.
const ratings = ['user,item'], films = ['id,title,year,genres'];
for (let i = 0; i < 40; i++) films.push(`f${i},"Film ""${i}""",${i === 4 ? '' : 1950 + i},${i % 2 ? 'Drama|Odd' : 'Comedy'}`);
for (let u = 0; u < 60; u++) for (let k = 0; k < 10; k++) ratings.push(`u${u},f${(u % 2 + 2 * ((u * 7 + k * k) % 20)) % 40}`);
writeFileSync(join(folder, 'r.csv'), ratings.join('\n'));
writeFileSync(join(folder, 'f.csv'), films.join('\n'));
execFileSync(program, ['train', 'als', '--events', 'r.csv', '--items', 'f.csv', '--set', 'factors=8', '-o', 'p.safetensors'], { cwd: folder, stdio: 'ignore' });

const node = process.execPath, runner = resolve('tests/run_wasi.mjs');
const commands = { native: [program, 'answer', 'p.safetensors'] };
for (const [name, file] of [['wasi', 'inkling.wasm'], ['small wasi', 'inkling-edge.wasm']]) {
  if (existsSync(join(wasi, file))) commands[name] = [node, '--no-warnings', runner, resolve(wasi, file), 'p.safetensors'];
  else console.log(`skip: ${join(wasi, file)} is not built`);
}

function answer(name, body, env = {}) {
  const [command, ...args] = commands[name];
  const { status, signal, stdout } = spawnSync(command, args, { cwd: folder, input: body, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, ...env } });
  assert.equal(signal, null);
  return { code: status, json: JSON.parse(stdout), stdout };
}

// ------------------------------------------------------------------ examples

/** [path, body] of every example in the contract: each stands on one line. */
const examples = [];
let path = '';
for (const line of readFileSync('edge/openapi.yaml', 'utf8').split('\n')) {
  path = line.match(/^ {2}(\/\S+):$/)?.[1] ?? path;
  const value = line.match(/^ {16}value: (\{.*\})$/)?.[1];
  if (value) examples.push([path, JSON.parse(value)]);
}

const worker = existsSync('build/wasm/inkling.wasm')
  ? createWorker({ pack: readFileSync(join(folder, 'p.safetensors')), wasm: new WebAssembly.Module(readFileSync('build/wasm/inkling.wasm')) }) : null;

async function ask(at, body) {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await worker.fetch(new Request(`http://edge${at}`, init));
  return { status: response.status, json: await response.json() };
}

test('the contract has examples of every path', () => {
  assert.deepEqual(new Set(examples.map(([at]) => at)), new Set(['/v1/recommend', '/v1/similar', '/v1/rank']));
  assert.ok(examples.length >= 8);
});

for (const [at, body] of examples) {
  test(`${at} ${JSON.stringify(body).slice(0, 60)}: the same answer everywhere`, async () => {
    const request = JSON.stringify({ path: at, ...body });
    const native = answer('native', request);
    assert.equal(native.code, 0, native.stdout);
    assert.deepEqual(Object.keys(native.json), ['items', 'model', 'complete', 'rows', 'unknown']);
    assert.ok(native.json.items.length > 0);
    for (const name of Object.keys(commands)) assert.equal(answer(name, request).stdout, native.stdout, name);
    if (worker) assert.deepEqual(await ask(at, body), { status: 200, json: native.json });
  });
}

test('health and pack', async () => {
  for (const at of ['/v1/health', '/v1/pack']) {
    const native = answer('native', JSON.stringify({ path: at }));
    assert.equal(native.code, 0);
    for (const name of Object.keys(commands)) assert.equal(answer(name, JSON.stringify({ path: at })).stdout, native.stdout, name);
    if (worker) assert.deepEqual(await ask(at), { status: 200, json: native.json });
  }
  const { json } = answer('native', '{"path":"/v1/pack"}');
  assert.deepEqual([json.name, json.items, json.models, json.columns], ['p', 40, ['als', 'popular'], { title: 'text', year: 'number', genres: 'tags' }]);
});

test('properties are numbers, text, tags, or null', () => {
  const { json } = answer('native', '{"allow":["f4","f5"],"properties":true}');
  const of = (id) => json.items.find((i) => i.id === id).properties;
  assert.deepEqual(of('f5'), { title: 'Film "5"', year: 1955, genres: ['Drama', 'Odd'] });
  assert.equal(of('f4').year, null);
});

test('rank gives the whole list, in order, duplicates once, unknown ids apart', () => {
  const items = Array.from({ length: 30 }, (_, i) => `f${i}`);
  const { json } = answer('native', JSON.stringify({ path: '/v1/rank', items: [...items, 'f3', 'x', 'y'], events: [{ item: 'f1' }] }));
  assert.deepEqual(json.items.map((i) => i.id).sort(), [...items].sort());
  assert.deepEqual(json.unknown, ['x', 'y']);
  json.items.forEach((item, i) => assert.ok(i === 0 || item.score <= json.items[i - 1].score));
});

test('the order of members and of events does not matter where times say it', () => {
  const a = answer('native', '{"count":3,"events":[{"item":"f1","time":1},{"item":"f3","time":2}]}').json.items;
  const b = answer('native', '{"events":[{"time":2,"item":"f3"},{"time":1,"item":"f1"}],"count":3}').json.items;
  assert.deepEqual(a, b);
});

// ------------------------------------------------------------------ refusals

const REFUSED = [
  ['', 'JSON_SYNTAX', 'byte 0'],
  ['{', 'JSON_SYNTAX', 'byte 1'],
  ['{"count":5}x', 'JSON_SYNTAX', 'byte 11'],
  ['{"count":05}', 'JSON_SYNTAX', 'byte 10'],
  ['{"count":1,"count":2}', 'JSON_DUPLICATE', '"count"'],
  ['{"item":"\\u0000"}', 'JSON_SYNTAX', 'U+0000'],
  ['{"item":"\\ud800"}', 'JSON_SYNTAX', 'surrogate'],
  ['['.repeat(100000), 'JSON_DEPTH', 'byte 16'],
  [`{"a":${'{"a":'.repeat(15)}1${'}'.repeat(16)}`, 'REQUEST_KEY', 'a:'],
  [`{"a":${'{"a":'.repeat(16)}1${'}'.repeat(17)}`, 'JSON_DEPTH', 'nested'],
  [`{${Array.from({ length: 65 }, (_, i) => `"k${i}":1`).join()}}`, 'JSON_LIMIT', 'members'],
  [`{"now":${'1'.repeat(41)}}`, 'JSON_LIMIT', '40'],
  ['[]', 'REQUEST_VALUE', 'JSON object'],
  ['null', 'REQUEST_VALUE', 'JSON object'],
  ['{"evnts":[]}', 'REQUEST_KEY', 'evnts'],
  ['{"item":"f1"}', 'REQUEST_KEY', 'item'],
  ['{"path":"/v1/similar"}', 'REQUEST_MISSING', 'item'],
  ['{"path":"/v1/similar","item":""}', 'REQUEST_VALUE', 'item'],
  ['{"path":"/v1/similar","item":"f99"}', 'UNKNOWN_ITEM', 'f99'],
  ['{"path":"/v1/similar","item":"f1","events":[]}', 'REQUEST_KEY', 'events'],
  ['{"path":"/v1/similar","item":"f1","model":"nobody"}', 'UNKNOWN_FAMILY', 'nobody'],
  ['{"path":"/v1/similar","item":"f1","model":"popular"}', 'UNKNOWN_FAMILY', ''],
  ['{"path":"/v1/rank"}', 'REQUEST_MISSING', 'items'],
  ['{"path":"/v1/rank","items":[]}', 'REQUEST_VALUE', 'items'],
  ['{"path":"/v1/rank","items":[1]}', 'REQUEST_VALUE', 'items[0]'],
  ['{"path":"/v1/rank","items":["f1"],"count":1}', 'REQUEST_KEY', 'count'],
  [JSON.stringify({ path: '/v1/rank', items: Array(1001).fill('f1') }), 'REQUEST_VALUE', '1000'],
  ['{"path":"/v2"}', 'REQUEST_PATH', '/v2'],
  ['{"path":7}', 'REQUEST_VALUE', 'path'],
  ['{"count":0}', 'REQUEST_VALUE', 'count'],
  ['{"count":1001}', 'REQUEST_VALUE', '1000'],
  ['{"count":1.5}', 'REQUEST_VALUE', 'count'],
  ['{"count":"5"}', 'REQUEST_VALUE', 'count'],
  ['{"count":null}', 'REQUEST_VALUE', 'count'],
  ['{"reasons":65}', 'REQUEST_VALUE', '64'],
  ['{"explain":1}', 'REQUEST_VALUE', 'explain'],
  ['{"explain":"words"}', 'REQUEST_VALUE', 'explain'],
  ['{"model":"none"}', 'UNKNOWN_FAMILY', 'none'],
  ['{"model":"als","fallback":false}', 'NOT_FOUND', ''],
  ['{"allow":"f1"}', 'REQUEST_VALUE', 'allow'],
  ['{"deny":["f1",2]}', 'REQUEST_VALUE', 'deny[1]'],
  ['{"budget":5}', 'REQUEST_VALUE', 'budget'],
  ['{"budget":{"rows":0}}', 'REQUEST_VALUE', 'budget'],
  ['{"budget":{"rows":1,"ms":1}}', 'REQUEST_VALUE', 'budget'],
  ['{"properties":false}', 'REQUEST_VALUE', 'properties'],
  ['{"properties":["titel"]}', 'REQUEST_VALUE', 'titel'],
  ['{"now":9007199254740993}', 'REQUEST_VALUE', 'now'],
  ['{"seed":-1}', 'REQUEST_VALUE', 'seed'],
  ['{"events":{}}', 'REQUEST_VALUE', 'events'],
  ['{"events":[1]}', 'REQUEST_VALUE', 'events[0]'],
  ['{"events":[{"item":"f1"},{"kind":"like"}]}', 'REQUEST_MISSING', 'events[1].item'],
  ['{"events":[{"item":"f1","weight":2}]}', 'REQUEST_KEY', 'events[0].weight'],
  ['{"events":[{"item":5}]}', 'REQUEST_VALUE', 'events[0].item'],
  ['{"events":[{"item":""}]}', 'EVENT', 'events[0]'],
  [`{"events":[{"item":"${'x'.repeat(1025)}"}]}`, 'EVENT', 'events[0]'],
  ['{"events":[{"item":"f1","kind":"Like"}]}', 'EVENT', 'events[0]'],
  [`{"events":[{"item":"f1","slate":"${'s'.repeat(65)}"}]}`, 'EVENT', 'events[0]'],
  ['{"events":[{"item":"f1","value":1e39}]}', 'REQUEST_VALUE', 'events[0].value'],
  ['{"events":[{"item":"f1","time":1.5}]}', 'REQUEST_VALUE', 'events[0].time'],
  [JSON.stringify({ events: Array(2001).fill({ item: 'f1' }) }), 'REQUEST_VALUE', '2000'],
  [`{"x":"${'x'.repeat(1048576)}"}`, 'REQUEST_BYTES', '1048576'],
];

for (const [body, code, place] of REFUSED) {
  test(`refused with ${code}: ${body.slice(0, 50)}`, () => {
    const native = answer('native', body);
    assert.equal(native.code, 3);
    assert.deepEqual(Object.keys(native.json), ['error']);
    assert.equal(native.json.error.code, code, native.stdout);
    assert.ok(native.json.error.message.includes(place), native.stdout);
  });
}

test('the WASI commands refuse with the same bytes and exit code', () => {
  for (const [body] of REFUSED.filter((_, i) => i % 6 === 0)) {
    const native = answer('native', body);
    for (const name of Object.keys(commands)) assert.deepEqual(answer(name, body), native, name);
  }
});

test('the largest legal request is answered', () => {
  const events = Array.from({ length: 2000 }, (_, i) => ({ item: `${i}-${'x'.repeat(450)}`, time: i }));
  const body = JSON.stringify({ events, count: 1000, explain: true });
  assert.ok(body.length > 950_000 && body.length <= 1_048_576);
  assert.equal(answer('native', body).code, 0);
  const known = JSON.stringify({ events: Array.from({ length: 2000 }, (_, i) => ({ item: `f${i % 20}` })), withSeen: true });
  assert.equal(answer('native', known).json.items.length, 10);
});

test('the small WASI command tells of its pack', { skip: !commands['small wasi'] }, () => {
  const [command, ...args] = commands['small wasi'].slice(0, -1);
  const call = (words, env = {}) => spawnSync(command, [...args, ...words], { cwd: folder, input: '{}', encoding: 'utf8', env: { ...process.env, ...env } });
  assert.equal(call([]).status, 2);
  assert.equal(call([], { INKLING_PACK: 'p.safetensors' }).status, 0);
  assert.equal(call(['nowhere.safetensors']).status, 4);
  writeFileSync(join(folder, 'cut.safetensors'), readFileSync(join(folder, 'p.safetensors')).subarray(0, 900));
  const cut = call(['cut.safetensors']);
  assert.equal(cut.status, 3);
  assert.match(JSON.parse(cut.stdout).error.code, /^PACK_/);
});
