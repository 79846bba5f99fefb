// api.cases.mjs - what the package promises, in cases that run alike in Node, in a page, and in front of a worker.
// Each gets { open, openSync, module, pack, options }: `options` makes every open() of a run go the same way.
import { bits, equal, fails, ok, same } from './assert.mjs';
import { genreOf, idOf } from './fixture.mjs';

const T0 = 1_700_000_000_000;
const ids = (slate) => slate.items.map(({ id }) => id);
const film = (id) => Number(id.slice(5));

/** Opens the fixture with nothing at rest, runs, closes. */
async function using(env, use, options = {}) {
  const rec = await env.open(env.pack.slice(), { storage: 'memory', ...env.options, ...options });
  try {
    await use(rec);
  } finally {
    await rec.close();
  }
}

function like(rec, ...films) { films.forEach((i, n) => rec.track('like', idOf(i), { time: T0 + n })); }

export const cases = [
  ['the pack tells what it is', (env) => using(env, (rec) => {
    equal(rec.pack.name, 'four genres');
    equal(rec.pack.licence, 'CC0-1.0');
    equal(rec.pack.items, 40);
    equal(rec.pack.bytes, env.pack.length);
    same(rec.pack.models, ['als', 'popular']);
    same(rec.pack.columns, { genres: 'tags', title: 'text', year: 'number' });
    equal(rec.pack.metadata['als.factors'], '8');
  })],

  ['someone new gets what is popular', (env) => using(env, async (rec) => {
    const slate = await rec.recommend({ count: 3, now: T0 });
    same(ids(slate), ['film-0', 'film-1', 'film-2']);
    equal(slate.model, 'popular');
    ok(slate.complete);
  })],

  ['two likes of a genre bring that genre, at once', (env) => using(env, async (rec) => {
    like(rec, 3, 7);
    const slate = await rec.recommend({ count: 8, now: T0 });
    equal(slate.model, 'als');
    ok(slate.items.every(({ id }) => genreOf(film(id)) === 'sci-fi'), `genres of ${ids(slate)}`);
    ok(!ids(slate).includes('film-3') && !ids(slate).includes('film-7'), 'what was seen is left out');
    same(slate.items.map(({ position }) => position), [0, 1, 2, 3, 4, 5, 6, 7]);
    ok(ids(await rec.recommend({ count: 10, withSeen: true, now: T0 })).includes('film-3'), 'withSeen brings it back');
  })],

  ['scores are floats, equal in openSync and here to the last bit', (env) => using(env, async (rec) => {
    const sync = env.openSync(env.pack.slice(), { wasm: env.module });
    const events = [1, 5, 9, 14].map((i, n) => ({ kind: n === 2 ? 'dislike' : 'like', item: idOf(i), time: T0 + n }));
    for (const { kind, item, time } of events) rec.track(kind, item, { time });
    const here = await rec.recommend({ count: 36, now: T0 }), there = sync.recommend({ count: 36, now: T0, events });
    equal(here.items.length, 36);
    for (const { score } of here.items) equal(Math.fround(score), score, 'a score that is not a float');
    same(here.items.map(({ id, score }) => [id, bits(score)]), there.items.map(({ id, score }) => [id, bits(score)]));
    sync.close();
  })],

  ['reasons add up to the score, bit for bit', (env) => using(env, async (rec) => {
    like(rec, 2, 6, 11, 15, 22);
    const slate = await rec.recommend({ count: 20, explain: true, reasons: 3, now: T0 });
    const known = new Map((await rec.profile.inspect()).events.map((event) => [event.id, event.item]));
    for (const { id, score, reasons } of slate.items) {
      let sum = 0;
      for (const { weight } of reasons) sum += weight;
      equal(bits(Math.fround(sum)), bits(score), `reasons of ${id}`);
      for (const reason of reasons) if (reason.kind === 'event') equal(known.get(reason.event), reason.item, 'event of a reason');
    }
    ok(slate.items[0].reasons.some(({ kind }) => kind === 'others'), 'five likes in three reasons leave others');
    const one = await rec.explain('film-26', { now: T0 });
    equal(one.id, 'film-26');
    equal(bits(one.score), bits((await rec.rank(['film-26'], { now: T0 })).items[0].score));
  })],

  ['allow, deny, properties', (env) => using(env, async (rec) => {
    like(rec, 3);
    const slate = await rec.recommend({ allow: ['film-11', 'film-1', 'film-15', 'nobody'], deny: ['film-15'], properties: ['title', 'year'], now: T0 });
    same(ids(slate), ['film-11', 'film-1']);
    same(slate.items[0].properties, { title: 'Film 11: 星', year: 1961 });
    equal((await rec.recommend({ allow: [] })).items.length, 0);
    same((await rec.recommend({ count: 1, properties: true })).items[0].properties.genres, ['sci-fi']);
  })],

  ['similar items, an order of my own list', (env) => using(env, async (rec) => {
    const near = await rec.similarItems('film-2', { count: 9 });
    ok(near.items.every(({ id }) => genreOf(film(id)) === 'horror'));
    ok(!ids(near).includes('film-2'));
    like(rec, 1, 5);
    const order = await rec.rank(['film-0', 'film-9', 'elsewhere', 'film-9'], { now: T0 });
    same(ids(order), ['film-9', 'film-0']);
    same(order.unknown, ['elsewhere']);
    equal((await rec.rank(['elsewhere'])).items.length, 0);
  })],

  ['items of the catalogue', (env) => using(env, async (rec) => {
    equal((await rec.items()).length, 40);
    same(await rec.items({ first: 38, properties: ['year'] }), [{ id: 'film-38', properties: { year: 1988 } }, { id: 'film-39', properties: { year: 1989 } }]);
    same((await rec.items({ ids: ['film-5', 'nobody', 'film-1'], properties: [] })).map(({ id }) => id), ['film-5', 'film-1']);
  })],

  ['events in a request leave no trace', (env) => using(env, async (rec) => {
    like(rec, 3, 7);
    const before = JSON.stringify((await rec.recommend({ now: T0 })).items);
    const other = await rec.recommend({ now: T0, count: 3, explain: true, events: [{ kind: 'like', item: 'film-2', time: T0 }] });
    ok(other.items.every(({ id }) => genreOf(film(id)) === 'horror'));
    equal(other.items[0].reasons[0].event, '0');
    equal(JSON.stringify((await rec.recommend({ now: T0 })).items), before);
    equal((await rec.profile.inspect()).events.length, 2);
  })],

  ['a hidden film never comes again', (env) => using(env, async (rec) => {
    like(rec, 3);
    const [first] = (await rec.recommend({ count: 1, now: T0 })).items;
    rec.track('hide', first.id, { time: T0 + 1 });
    ok(!ids(await rec.recommend({ count: 39, now: T0 })).includes(first.id));
  })],

  ['forgetting is exact', (env) => using(env, async (rec) => {
    like(rec, 3, 7);
    const before = (await rec.recommend({ count: 30, now: T0 })).items;
    rec.track('like', 'film-2', { time: T0 + 5 });
    const { id } = rec.track('purchase', 'film-6', { time: T0 + 6 });
    rec.track('view', 'film-2', { time: T0 + 7 });
    ok(JSON.stringify((await rec.recommend({ count: 30, now: T0 })).items) !== JSON.stringify(before));
    equal(await rec.profile.forget({ item: 'film-2' }), 2);
    equal(await rec.profile.forget({ event: id }), 1);
    same((await rec.recommend({ count: 30, now: T0 })).items, before);
    equal(await rec.profile.forget({ before: T0 + 1 }), 1);
    same((await rec.profile.inspect()).events.map(({ item }) => item), ['film-7']);
    await fails('NOT_FOUND', () => rec.profile.forget({ event: id }));
    await rec.profile.erase();
    equal((await rec.recommend({ count: 1, now: T0 })).model, 'popular');
  })],

  ['a profile goes out and comes back', (env) => using(env, async (rec) => {
    like(rec, 3, 7, 8);
    rec.track('rating', 'film-99 unknown \u661f', { value: 4.5, time: T0 + 9, slate: 'slate-1' });
    const slate = (await rec.recommend({ now: T0 })).items, file = JSON.parse(JSON.stringify(await rec.profile.export()));
    equal(file.format, 'inkling-profile');
    await rec.profile.erase();
    equal(await rec.profile.import(file), 4);
    equal(await rec.profile.import(file, { merge: true }), 0);
    same((await rec.recommend({ now: T0 })).items, slate);
    same(await rec.profile.export(), file);
    const { events, known } = await rec.profile.inspect();
    equal(known, 3);
    same(events[3], { id: file.events[3].id, kind: 'rating', item: 'film-99 unknown \u661f', value: 4.5, time: T0 + 9, slate: 'slate-1', known: false });
    for (const wrong of [null, {}, { format: 'inkling-profile', version: 2, events: [] }, { ...file, events: [{ id: 'x' }] }]) {
      await fails('ARG', () => rec.profile.import(wrong));
    }
    equal((await rec.profile.inspect()).events.length, 4, 'a refused import changed nothing');
  })],

  ['retention', (env) => using(env, async (rec) => {
    const now = Date.now();
    rec.track('like', 'film-1', { time: now - 40 * 86_400_000 });
    for (let i = 2; i < 9; i++) rec.track('like', idOf(i), { time: now - i });
    equal(await rec.profile.retention({ days: 30 }), 1);
    equal(await rec.profile.retention({ events: 5 }), 2);
    same((await rec.profile.inspect()).retention, { days: 30, events: 5 });
    rec.track('like', 'film-20', { time: now });
    equal((await rec.profile.inspect()).events.length, 5);
    equal(await rec.profile.retention({ days: null, events: null }), 0);
  })],

  ['paused, nothing is taken in', (env) => using(env, async (rec) => {
    like(rec, 3);
    let heard = null;
    rec.on('profile', (value) => { heard = value; });
    await rec.profile.pause();
    equal(heard.paused, true);
    const { id, saved } = rec.track('like', 'film-2');
    equal(id, null);
    equal(await saved, false);
    equal((await rec.profile.inspect()).events.length, 1);
    await rec.profile.resume();
    ok(rec.track('like', 'film-2').id !== null);
    equal((await rec.profile.inspect()).events.length, 2);
  })],

  ['a full journal lets the oldest go', (env) => using(env, async (rec) => {
    for (let i = 0; i < 20; i++) rec.track('like', idOf(i), { time: T0 + i });
    const { events } = await rec.profile.inspect();
    ok(events.length <= 16 && events.length >= 14, `${events.length} events of 16`);
    equal(events.at(-1).item, 'film-19');
  }, { limits: { events: 16 } })],

  ['wrong words are refused at the door, with a sentence', (env) => using(env, async (rec) => {
    const error = await fails('ARG', () => rec.recommend({ count: 0 }));
    ok(/count is 0; allowed: a whole number, 1 to 100/.test(error.message), error.message);
    for (const request of [5, 'x', { count: 101 }, { count: 1.5 }, { model: 7 }, { allow: 'film-1' }, { allow: [1] }, { properties: ['director'] }, { now: NaN },
      { seed: -1 }, { explain: 1 }, { budget: 5 }, { budget: { rows: 0 } }, { events: [{}] }, { events: [{ kind: 'Like', item: 'a' }] }]) {
      await fails('ARG', () => rec.recommend(request));
    }
    await fails('UNKNOWN_FAMILY', () => rec.recommend({ model: 'tarot' }));
    await fails('UNKNOWN_ITEM', () => rec.similarItems('nobody'));
    await fails('UNKNOWN_ITEM', () => rec.explain('nobody'));
    for (const [kind, item, options] of [['', 'a'], ['LIKE', 'a'], ['like', ''], ['like', 7], ['like', '\ud800'], ['like', 'x'.repeat(1025)], ['like', 'a', { value: Infinity }],
      ['like', 'a', { value: 1e39 }], ['like', 'a', { time: 'now' }], ['like', 'a', { slate: 'x'.repeat(65) }]]) {
      await fails('ARG', () => rec.track(kind, item, options));
    }
    await fails('ARG', () => rec.on('weather', () => 0));
    await fails('ARG', () => rec.profile.forget({}));
    await fails('ARG', () => rec.profile.retention({ days: -1 }));
    equal((await rec.profile.inspect()).events.length, 0);
  })],

  ['a model can be named, and alone', (env) => using(env, async (rec) => {
    like(rec, 3);
    equal((await rec.recommend({ model: 'popular', count: 2, now: T0 })).model, 'popular');
    await rec.profile.erase();
    await fails('NOT_FOUND', () => rec.recommend({ model: 'als', fallback: false, now: T0 }));
    equal((await rec.recommend({ model: 'als', now: T0 })).model, 'popular');
  })],

  ['bytes that are no pack are refused, with the place', async (env) => {
    const open = (pack) => env.open(pack, { storage: 'memory', ...env.options });
    await fails('PACK_TRUNCATED', () => open(env.pack.slice(0, env.pack.length - 1)));
    const noise = env.pack.slice();
    noise[20] ^= 0x80;
    const error = await fails('PACK_UTF8', () => open(noise)).catch(() => fails('PACK_SYNTAX', () => open(noise)));
    ok(error.message.length > 10, error.message);
    equal(error.fault?.unit, 'byte');
    await fails('TOO_LARGE', () => env.open(env.pack.slice(), { ...env.options, maxBytes: 100 }));
    await fails('MEMORY', () => env.open(env.pack.slice(), { ...env.options, maxMemory: 65536 * 2 }));
    await fails('ARG', () => env.open(7, env.options));
    await fails('ARG', () => env.open(env.pack.slice(), { ...env.options, profile: 'a/b' }));
    await fails('ARG', () => env.open(env.pack.slice(), { ...env.options, limits: { events: 0 } }));
  }],

  ['an aborted signal stops opening', async (env) => {
    const abort = new AbortController();
    abort.abort();
    await fails('ABORTED', () => env.open(env.pack.slice(), { ...env.options, signal: abort.signal }));
  }],

  ['integrity', async (env) => {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', env.pack.slice()));
    const integrity = `sha256-${btoa(String.fromCharCode(...digest))}`;
    await using(env, (rec) => equal(rec.pack.items, 40), { integrity });
    await fails('INTEGRITY', () => env.open(env.pack.slice(), { ...env.options, integrity: `sha256-${'A'.repeat(43)}=` }));
    await fails('ARG', () => env.open(env.pack.slice(), { ...env.options, integrity: 'md5-x' }));
  }],

  ['closed is closed, twice too', async (env) => {
    const rec = await env.open(env.pack.slice(), { storage: 'memory', ...env.options });
    const other = await env.open(env.pack.slice(), { storage: 'memory', ...env.options });
    await rec.close();
    await rec.close();
    await fails('CLOSED', () => rec.recommend());
    await fails('CLOSED', () => rec.track('like', 'film-1'));
    equal((await other.recommend({ count: 1 })).items.length, 1, 'another recommender is not concerned');
    await other.close();
  }],
];
