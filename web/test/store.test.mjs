// store.test.mjs - the profile at rest, in a place that can fail at any write: nothing that was saved is lost, nothing
// unreadable is erased, nothing shows. (IndexedDB itself is tested in browsers: tests/web.)
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { open } from 'inkling';
import { openStore } from '../dist/store_open.js';
import { equal, fails, ok, same } from './assert.mjs';
import { idOf, makePack } from './fixture.mjs';

const pack = makePack();
const wasm = new WebAssembly.Module(readFileSync(new URL('../dist/inkling.wasm', import.meta.url)));
const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);

/** A place in a Map; `failAt(n)` makes the n-th write from now on fail. */
class Place {
  map = new Map();
  writes = 0;
  #fail = Infinity;
  #error = null;
  failAt(n, error = new Error('disk')) { this.writes = 0; this.#fail = n; this.#error = error; }
  #write() { if (++this.writes >= this.#fail) throw this.#error; }
  async get(name) { return this.map.get(name)?.slice(); }
  async put(name, bytes) { this.#write(); this.map.set(name, bytes.slice()); }
  async delete(name) { this.#write(); this.map.delete(name); }
  copy() { const other = new Place(); other.map = new Map(this.map); return other; }
}

const opened = (place, options) => open(pack.slice(), { wasm, storage: place, key, ...options });
const items = async (rec) => (await rec.profile.inspect()).events.map(({ item }) => item);

/** What a new session finds. */
async function found(place, options) {
  const rec = await opened(place, options);
  const list = await items(rec);
  await rec.close();
  return list;
}

test('a profile survives, in order, with its events\' names', async () => {
  const place = new Place(), rec = await opened(place);
  same(rec.storage, { kind: 'custom', sealed: true, setAside: 0 });
  const { saved, id } = rec.track('like', 'film-3', { slate: 's', value: 2 });
  equal(await saved, true);
  rec.track('view', 'film-4');
  await rec.track('like', 'film-5').saved;
  await rec.close();
  const again = await opened(place), { events } = await again.profile.inspect();
  same(events.map(({ item }) => item), ['film-3', 'film-4', 'film-5']);
  equal(events[0].id, id);
  equal(events[0].value, 2);
  equal(events[0].slate, 's');
  equal((await again.recommend({ count: 1 })).model, 'als');
  await again.close();
});

test('what rests there shows nothing', async () => {
  const place = new Place(), rec = await opened(place, { profile: 'anna' });
  await rec.track('like', 'film-3').saved;
  await rec.profile.retention({ days: 30 });
  await rec.close();
  for (const [name, bytes] of place.map) {
    ok(name.startsWith('inkling/v1/anna/'), name);
    for (const word of ['film-3', 'like', 'days']) ok(!Buffer.from(bytes).includes(word), `${name} shows ${word}`);
  }
});

test('an adapter needs a key, and may say none', async () => {
  await fails('ARG', () => open(pack.slice(), { wasm, storage: new Place() }));
  await fails('ARG', () => opened(new Place(), { key: 'device' }));
  await fails('ARG', () => opened(new Place(), { key: {} }));
  const rec = await opened(new Place(), { key: 'none' });
  equal(rec.storage.sealed, false);
  await rec.close();
});

test('a wrong key or passphrase is an error and changes nothing', async () => {
  const place = new Place(), rec = await opened(place, { key: { passphrase: 'horse' } });
  await rec.track('like', 'film-3').saved;
  await rec.close();
  const before = new Map(place.map);
  for (const wrong of [{ passphrase: 'cow' }, key, 'none']) await fails('KEY', () => opened(place, { key: wrong }));
  same([...place.map], [...before]);
  same(await found(place, { key: { passphrase: 'horse' } }), ['film-3']);
});

test('a damaged record is set aside, the others live, nothing is erased', async () => {
  const place = new Place(), rec = await opened(place);
  for (const i of [1, 2, 3]) await rec.track('like', idOf(i)).saved;
  await rec.close();
  const name = 'inkling/v1/default/record/2', bytes = place.map.get(name).slice();
  bytes[bytes.length - 1] ^= 1;
  place.map.set(name, bytes);
  const again = await opened(place);
  equal(again.storage.setAside, 1);
  same(await items(again), ['film-1', 'film-3']);
  await again.close();
  ok([...place.map].some(([k, v]) => k.includes('/aside/') && Buffer.from(bytes).includes(Buffer.from(v))), 'kept under another name');
  same(await found(place), ['film-1', 'film-3']);
});

test('records cannot be swapped or copied', async () => {
  const place = new Place(), rec = await opened(place);
  for (const i of [1, 2]) await rec.track('like', idOf(i)).saved;
  await rec.close();
  const name = (n) => `inkling/v1/default/record/${n}`;
  place.map.set(name(3), place.map.get(name(1)));
  same(await found(place), ['film-1', 'film-2'], 'a copy counts once');
  const one = Buffer.from(place.map.get(name(1))), two = Buffer.from(place.map.get(name(2)));
  place.map.set(name(1), Buffer.concat([two.subarray(0, two.indexOf(10) + 1), one.subarray(one.indexOf(10) + 1)]));
  same(await found(place), ['film-2', 'film-1'], 'the forged one is out, the copy under its own name counts');
});

test('a full place: memory, an event, and nothing saved is lost', async () => {
  const place = new Place(), rec = await opened(place), states = [];
  rec.on('storage', (state) => states.push(state));
  await rec.track('like', 'film-1').saved;
  place.failAt(1, new DOMException('full', 'QuotaExceededError'));
  equal(await rec.track('like', 'film-2').saved, false);
  equal(await rec.track('like', 'film-3').saved, false);
  same(states, [{ kind: 'memory', sealed: false, reason: 'quota', setAside: 0 }]);
  same(await items(rec), ['film-1', 'film-2', 'film-3']);
  await rec.close();
  place.failAt(Infinity);
  same(await found(place), ['film-1']);
});

test('any other failure is told as failed', async () => {
  const place = new Place(), rec = await opened(place);
  place.failAt(1);
  equal(await rec.track('like', 'film-2').saved, false);
  equal(rec.storage.reason, 'failed');
  await rec.profile.erase();
  await rec.profile.forget({ item: 'film-2' });
  await rec.close();
});

test('many small records become few blocks; order and forgetting stay', async () => {
  const place = new Place(), rec = await opened(place), wanted = [];
  for (let i = 0; i < 400; i++) {
    wanted.push(idOf(i % 40) + (i >= 200 ? 'x' : ''));
    await rec.track('view', wanted[i]).saved;
  }
  const records = () => [...place.map].filter(([k, v]) => k.includes('/record/') && v.length > 0).length;
  ok(records() < 300, `${records()} records`);
  same(await items(rec), wanted);
  await rec.close();
  const again = await opened(place);
  same(await items(again), wanted);
  await again.profile.forget({ item: 'film-7' });
  await again.close();
  same(await found(place), wanted.filter((item) => item !== 'film-7'));
});

test('broken off after any write of a merge or a forgetting: no event is lost, none is doubled', async () => {
  const place = new Place(), rec = await opened(place);
  for (let i = 0; i < 140; i++) await rec.track('view', idOf(i)).saved;
  await rec.close();
  for (const n of [1, 2, 3, 50, 139, 140, 141, 200, 270]) {
    const copy = place.copy();
    copy.failAt(n);
    const broken = await opened(copy);                // merging starts here
    await broken.close();
    copy.failAt(Infinity);
    equal((await found(copy)).length, 140, `after write ${n}`);
    const forgetting = await opened(copy);
    copy.failAt(Math.max(1, n - 140));
    await forgetting.profile.forget({ item: 'film-9' });
    await forgetting.close();
    copy.failAt(Infinity);
    ok((await found(copy)).filter((item) => item !== 'film-9').length === 139, `forgetting, write ${n}`);
  }
});

test('erased is erased: no record, no key, nothing set aside', async () => {
  const place = new Place(), rec = await opened(place);
  for (const i of [1, 2]) await rec.track('like', idOf(i)).saved;
  const old = place.map.get('inkling/v1/default/vault');
  await rec.profile.erase();
  ok(![...place.map.keys()].some((k) => /record|aside/.test(k)), [...place.map.keys()].join());
  ok(!Buffer.from(old).equals(Buffer.from(place.map.get('inkling/v1/default/vault'))), 'a new vault');
  await rec.track('like', 'film-9').saved;
  await rec.close();
  same(await found(place), ['film-9']);
});

test('two processes on one place lose no event', async () => {
  const place = new Place(), a = await opened(place), b = await opened(place), all = [];
  for (let i = 0; i < 60; i++) all.push((i % 2 ? a : b).track('view', idOf(i)).saved);
  ok((await Promise.all(all)).every(Boolean));
  await a.close();
  await b.close();
  equal(new Set(await found(place)).size, 60);
});

test('a process that has not heard of an erasing writes under the new vault', async () => {
  const place = new Place(), a = await opened(place), b = await opened(place);
  await b.track('like', 'film-1').saved;
  await a.profile.erase();
  equal(await b.track('like', 'film-2').saved, true);
  await a.close();
  await b.close();
  const left = await found(place);
  ok(left.includes('film-2') && !left.includes('film-1'), left.join());
});

test('pausing and retention survive', async () => {
  const place = new Place(), rec = await opened(place);
  await rec.profile.retention({ events: 5 });
  await rec.profile.pause();
  const writes = place.writes;
  rec.track('like', 'film-1');
  await rec.close();
  equal(place.writes, writes, 'paused, but something was written');
  const again = await opened(place), report = await again.profile.inspect();
  equal(report.paused, true);
  same(report.retention, { days: null, events: 5 });
  await again.close();
});

test('limits smaller than what rests there: the newest stay', async () => {
  const place = new Place(), rec = await opened(place);
  for (let i = 0; i < 30; i++) await rec.track('view', idOf(i)).saved;
  await rec.close();
  const small = await found(place, { limits: { events: 8 } });
  ok(small.length <= 8 && small.at(-1) === 'film-29', small.join());
});

test('without any place it is memory, and it is told', async () => {
  const rec = await open(pack.slice(), { wasm });
  same(rec.storage, { kind: 'memory', sealed: false, setAside: 0, reason: 'unavailable' });
  equal(await rec.track('like', 'film-1').saved, false);
  await rec.close();
  await fails('STORAGE', () => open(pack.slice(), { wasm, storage: 'indexeddb' }));
  same((await openStore({ profile: null })).state, { kind: 'memory', sealed: false, setAside: 0 });
});
