// worker.test.mjs - the HTTP worker by its contract, in Node: each path, each refusal, and that one
// request leaves nothing behind for the next. workerd.test.mjs runs the same worker where it will live.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createWorker } from '../../edge/worker.mjs';
import { GENRES, genreOf, idOf, makePack } from '../../web/test/fixture.mjs';

const wasm = new WebAssembly.Module(readFileSync('build/wasm/inkling.wasm'));
const worker = createWorker({ pack: makePack(), wasm });

async function call(path, body, init = {}) {
  const post = body === undefined ? {} : { method: 'POST', body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) };
  const response = await worker.fetch(new Request(`http://edge${path}`, { ...post, ...init }));
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: type.startsWith('application/json') ? await response.json() : await response.text() };
}

const likes = (genre, n = 3) => Array.from({ length: n }, (_, i) => ({ item: idOf(GENRES.indexOf(genre) + 4 * i), kind: 'like', time: 1000 + i }));

test('recommend: a person who likes horror gets horror, without what was liked', async () => {
  const { status, type, body } = await call('/v1/recommend', { events: likes('horror'), count: 5 });
  assert.equal(status, 200);
  assert.equal(type, 'application/json');
  assert.equal(body.items.length, 5);
  assert.equal(body.model, 'als');
  assert.equal(body.complete, true);
  assert.deepEqual(body.unknown, []);
  const known = new Set(likes('horror').map((e) => e.item));
  body.items.forEach(({ id, position, model }, i) => {
    assert.equal(genreOf(Number(id.slice(5))), 'horror');
    assert.ok(!known.has(id));
    assert.equal(position, i);
    assert.equal(model, 'als');
  });
});

test('score and score_bits are the same float', async () => {
  const { body } = await call('/v1/recommend', { events: likes('drama'), count: 20 });
  const view = new DataView(new ArrayBuffer(4));
  for (const { score, score_bits } of body.items) {
    assert.match(score_bits, /^[0-9a-f]{8}$/);
    view.setUint32(0, Number.parseInt(score_bits, 16));
    assert.equal(Math.fround(score), view.getFloat32(0));
  }
});

test('reasons add up to the score, and name events by their place', async () => {
  const { body } = await call('/v1/recommend', { events: likes('comedy'), count: 3, explain: true, reasons: 8 });
  for (const { score_bits, reasons } of body.items) {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, reasons.reduce((sum, { weight }) => sum + weight, 0));
    assert.equal(view.getUint32(0).toString(16).padStart(8, '0'), score_bits);
    for (const r of reasons.filter(({ kind }) => kind === 'event')) assert.equal(likes('comedy')[r.event].item, r.item);
  }
  assert.ok(body.items[0].reasons.some(({ kind }) => kind === 'event'));
});

test('without events the popular come first', async () => {
  const { body } = await call('/v1/recommend', {});
  assert.equal(body.model, 'popular');
  assert.deepEqual(body.items.map(({ id }) => id), Array.from({ length: 10 }, (_, i) => idOf(i)));
});

test('similar: neighbours of one film, with properties', async () => {
  const { status, body } = await call('/v1/similar', { item: idOf(3), count: 4, properties: ['title', 'genres'] });
  assert.equal(status, 200);
  for (const { id, properties } of body.items) {
    assert.notEqual(id, idOf(3));
    assert.deepEqual(properties.genres, ['sci-fi']);
    assert.match(properties.title, /^Film \d+: 星$/);
  }
});

test('rank: an own list in order, unknown ids apart', async () => {
  const { body } = await call('/v1/rank', { events: likes('horror'), items: ['film-0', 'film-2', 'no-such', 'film-1', 'film-6'] });
  assert.deepEqual(body.unknown, ['no-such']);
  assert.deepEqual(body.items.map(({ id }) => id).sort(), ['film-0', 'film-1', 'film-2', 'film-6']);
  assert.equal(genreOf(Number(body.items[0].id.slice(5))), 'horror');
});

test('allow and deny hold', async () => {
  const { body } = await call('/v1/recommend', { events: likes('drama'), allow: ['film-0', 'film-7', 'gone'], deny: ['film-0'], count: 10 });
  assert.deepEqual(body.items.map(({ id }) => id), ['film-7']);
  const none = await call('/v1/recommend', { allow: [] });
  assert.deepEqual(none.body.items, []);
  assert.equal(none.body.model, null);
});

test('stateless: two people never meet', async () => {
  const alone = await call('/v1/recommend', { events: likes('comedy'), count: 10 });
  await call('/v1/recommend', { events: likes('horror', 8), count: 10 });
  await call('/v1/recommend', { events: [{ item: 'film-1', kind: 'bad kind' }] });
  assert.deepEqual(await call('/v1/recommend', { events: likes('comedy'), count: 10 }), alone);
  assert.equal((await call('/v1/recommend', {})).body.model, 'popular');
});

test('the order of concurrent requests does not matter', async () => {
  const wanted = await Promise.all(GENRES.map((g) => call('/v1/recommend', { events: likes(g) })));
  const again = await Promise.all([...GENRES].reverse().map((g) => call('/v1/recommend', { events: likes(g) })));
  assert.deepEqual(again.reverse(), wanted);
});

test('now defaults to the newest event, so an answer depends on its request alone', async () => {
  const events = likes('drama');
  const implied = await call('/v1/recommend', { events });
  assert.deepEqual(await call('/v1/recommend', { events, now: 1002 }), implied);
});

test('health, pack, metrics', async () => {
  assert.deepEqual((await call('/v1/health')).body, { status: 'ok' });
  const { body: pack } = await call('/v1/pack');
  assert.equal(pack.name, 'four genres');
  assert.equal(pack.licence, 'CC0-1.0');
  assert.equal(pack.items, 40);
  assert.deepEqual(pack.models, ['als', 'popular']);
  assert.deepEqual(pack.columns, { genres: 'tags', title: 'text', year: 'number' });
  const { type, body } = await call('/metrics');
  assert.match(type, /^text\/plain/);
  assert.match(body, /^inkling_requests_total\{path="\/v1\/recommend",status="200"\} \d+$/m);
  assert.match(body, /^inkling_pack_items 40$/m);
  assert.doesNotMatch(body, /film-/);
});

const refused = [
  ['a path that is not', '/v1/nothing', {}, 404, 'REQUEST_PATH', /unknown; there are/],
  ['a path of the prototype', '/constructor', {}, 404, 'REQUEST_PATH', /unknown/],
  ['a body that is not JSON', '/v1/recommend', '{"events":', 400, 'JSON_SYNTAX', /not JSON/],
  ['a body that is not UTF-8', '/v1/recommend', new Uint8Array([0x22, 0xff, 0x22]), 400, 'JSON_SYNTAX', /not UTF-8/],
  ['an empty body', '/v1/recommend', '', 400, 'JSON_SYNTAX', /not JSON/],
  ['a list for a body', '/v1/recommend', [], 400, 'REQUEST_VALUE', /JSON object/],
  ['an unknown member', '/v1/recommend', { evnts: [] }, 400, 'REQUEST_KEY', /^evnts/],
  ['a member of another path', '/v1/similar', { item: 'film-1', events: [] }, 400, 'REQUEST_KEY', /^events/],
  ['__proto__', '/v1/recommend', '{"__proto__": {"count": 3}}', 400, 'REQUEST_KEY', /^__proto__/],
  ['toString in an event', '/v1/recommend', { events: [{ item: 'film-1', toString: 1 }] }, 400, 'REQUEST_KEY', /^events\[0\]\.toString/],
  ['a count of 0', '/v1/recommend', { count: 0 }, 400, 'REQUEST_VALUE', /^count.*1 to 1000/],
  ['a count of 1001', '/v1/recommend', { count: 1001 }, 400, 'REQUEST_VALUE', /^count/],
  ['a count in words', '/v1/recommend', { count: 'ten' }, 400, 'REQUEST_VALUE', /^count/],
  ['65 reasons', '/v1/recommend', { reasons: 65 }, 400, 'REQUEST_VALUE', /^reasons/],
  ['a seed below 0', '/v1/recommend', { seed: -1 }, 400, 'REQUEST_VALUE', /^seed/],
  ['a now of half a millisecond', '/v1/recommend', { now: 1.5 }, 400, 'REQUEST_VALUE', /^now/],
  ['explain in words', '/v1/recommend', { explain: 'yes' }, 400, 'REQUEST_VALUE', /^explain/],
  ['an unknown family', '/v1/recommend', { model: 'oracle' }, 400, 'UNKNOWN_FAMILY', /"oracle"/],
  ['an unknown column', '/v1/recommend', { properties: ['colour'] }, 400, 'REQUEST_VALUE', /"colour"/],
  ['a budget without rows', '/v1/recommend', { budget: {} }, 400, 'REQUEST_VALUE', /^budget/],
  ['events that are no list', '/v1/recommend', { events: {} }, 400, 'REQUEST_VALUE', /^events/],
  ['an event that is a string', '/v1/recommend', { events: ['film-1'] }, 400, 'REQUEST_VALUE', /^events\[0\]/],
  ['an event without item', '/v1/recommend', { events: [{ kind: 'like' }] }, 400, 'REQUEST_MISSING', /^events\[0\]\.item/],
  ['a kind with blanks', '/v1/recommend', { events: [{ item: 'a', kind: 'a b' }] }, 400, 'EVENT', /^events\[0\]\.kind/],
  ['an item of 1025 bytes', '/v1/recommend', { events: [{ item: 'x'.repeat(1025) }] }, 400, 'EVENT', /1024/],
  ['half a surrogate pair', '/v1/recommend', '{"events":[{"item":"\\ud83d"}]}', 400, 'EVENT', /item/],
  ['a value beyond floats', '/v1/recommend', { events: [{ item: 'a', value: 1e39 }] }, 400, 'REQUEST_VALUE', /finite/],
  ['2001 events', '/v1/recommend', { events: Array.from({ length: 2001 }, () => ({ item: 'film-1' })) }, 400, 'REQUEST_VALUE', /2000/],
  ['an id that is a number', '/v1/recommend', { deny: [3] }, 400, 'REQUEST_VALUE', /^deny\[0\]/],
  ['similar without item', '/v1/similar', {}, 400, 'REQUEST_MISSING', /^item/],
  ['similar to an unknown item', '/v1/similar', { item: 'no-such' }, 404, 'UNKNOWN_ITEM', /no-such/],
  ['rank without items', '/v1/rank', {}, 400, 'REQUEST_MISSING', /^items/],
  ['rank of nothing', '/v1/rank', { items: [] }, 400, 'REQUEST_VALUE', /1 to 1000/],
];
for (const [name, path, body, status, code, words] of refused) {
  test(`refused: ${name}`, async () => {
    const answer = await call(path, body);
    assert.deepEqual([answer.status, answer.body.error?.code], [status, code], JSON.stringify(answer.body));
    assert.match(answer.body.error.message, words);
  });
}

test('2000 events and a slate of 1000 are answered', async () => {
  const events = Array.from({ length: 2000 }, (_, i) => ({ item: idOf(i % 8), kind: 'view', time: i }));
  assert.equal((await call('/v1/recommend', { events, count: 1000 })).status, 200);
});

test('methods: GET where POST is wanted, and the other way', async () => {
  assert.equal((await call('/v1/recommend')).status, 405);
  assert.equal((await call('/v1/health', {})).status, 405);
});

test('a body over 1 MiB is refused while it is read, whatever the sender claims', async () => {
  let sent = 0;
  const endless = new ReadableStream({ pull(controller) { sent += 65536; controller.enqueue(new Uint8Array(65536).fill(0x20)); } });
  const answer = await call('/v1/recommend', undefined, { method: 'POST', body: endless, duplex: 'half' });
  assert.deepEqual([answer.status, answer.body.error.code], [413, 'REQUEST_BYTES']);
  assert.ok(sent < 3 << 20, `${sent} bytes were read`);
});

test('a browser of another origin is answered only where that was allowed', async () => {
  const open = createWorker({ pack: makePack(), wasm, allowOrigin: 'https://shop.example' });
  const before = await open.fetch(new Request('http://edge/v1/recommend', { method: 'OPTIONS' }));
  assert.equal(before.status, 204);
  assert.equal(before.headers.get('access-control-allow-origin'), 'https://shop.example');
  const closed = await worker.fetch(new Request('http://edge/v1/health'));
  assert.equal(closed.headers.get('access-control-allow-origin'), null);
});

test('a damaged pack is refused when the worker is made', () => {
  const pack = makePack();
  assert.throws(() => createWorker({ pack: pack.slice(0, pack.length - 8), wasm }), (e) => e.code === 'PACK_TRUNCATED');
});
