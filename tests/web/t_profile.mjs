// t_profile.mjs - the profile in a real browser: sealed at rest, shared by tabs, surviving kills, damage and full disks,
// and never a request. Needles are item ids that stand nowhere else, so that a search of raw bytes means something.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { equal, ok, same } from '../../web/test/assert.mjs';
import { newFolder, removeFolder } from './browsers.mjs';

const NEEDLE = 'needle-item-4711-';

/** In the page: opens the fixture as globalThis.rec. */
const openHere = async (options) => {
  const { open } = await import('/dist/inkling.min.js');
  globalThis.states = [];
  globalThis.rec = await open('/fixture.safetensors', options ?? {});
  globalThis.rec.on('storage', (state) => globalThis.states.push(state));
  return globalThis.rec.storage;
};
const itemsHere = async () => (await globalThis.rec.profile.inspect()).events.map((event) => event.item);
const trackHere = async (list) => Promise.all(list.map((item) => globalThis.rec.track('like', item).saved));
const closeHere = () => globalThis.rec.close();

/** In the page: every database, store, key and value, as one string of bytes. */
const dumpHere = async () => {
  const wait = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
  let text = '';
  const add = (value) => {
    if (value instanceof Uint8Array) text += String.fromCharCode(...value);
    else if (value instanceof CryptoKey) text += `CryptoKey extractable=${value.extractable}`;
    else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) { text += key; add(inner); }
    else text += String(value);
  };
  for (const { name } of await indexedDB.databases()) {
    const db = await wait(indexedDB.open(name));
    text += name;
    for (const store of db.objectStoreNames) {
      const at = db.transaction(store).objectStore(store);
      for (const value of await wait(at.getAll())) add(value);
    }
    db.close();
  }
  return text;
};

async function pageAt(kit, path = '/') {
  const page = await kit.browser.newPage();
  await page.goto(kit.server.url + path);
  return page;
}

/** Waits until `what` gives something true. */
async function until(what, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ;) {
    const value = await what();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
  });
}

export async function profile(kit) {
  await atRest(kit);
  await tabs(kit);
  await trouble(kit);
  await killed(kit);
}

async function atRest(kit) {
  const { server, test } = kit;

  await test('after opening no request is made, whatever is asked', async () => {
    const page = await pageAt(kit);
    await page.evaluate(openHere, { profile: 'quiet' });
    const before = server.log.length;
    const entries = await page.evaluate(async () => {
      const count = performance.getEntriesByType('resource').length, { rec } = globalThis;
      for (let i = 0; i < 20; i++) await rec.track('like', `film-${i}`).saved;
      await rec.recommend({ explain: true, properties: true });
      await rec.similarItems('film-3');
      await rec.rank(['film-1', 'film-2']);
      await rec.explain('film-30');
      await rec.profile.import(await rec.profile.export());
      await rec.profile.forget({ item: 'film-4' });
      await rec.profile.retention({ days: 10 });
      await rec.profile.erase();
      await rec.close();
      return performance.getEntriesByType('resource').length - count;
    });
    equal(server.log.length, before, `requests: ${server.log.slice(before)}`);
    equal(entries, 0, 'resource entries');
    await page.close();
  });

  await test('at rest the profile shows no item id, in IndexedDB or in any file of the browser', async () => {
    const page = await pageAt(kit);
    const state = await page.evaluate(openHere, { profile: 'sealed' });
    same(state, { kind: 'indexeddb', sealed: true, setAside: 0 });
    const saved = await page.evaluate(trackHere, Array.from({ length: 30 }, (_, i) => `${NEEDLE}${i}`));
    ok(saved.every(Boolean));
    const dump = await page.evaluate(dumpHere);
    ok(dump.includes('inkling/v1/sealed') && dump.includes('CryptoKey extractable=false'), 'the dump is of the right thing');
    ok(!dump.includes(NEEDLE) && !dump.includes('like'), 'an id shows in IndexedDB');
    await page.evaluate(closeHere);
    await page.close();
    const files = filesUnder(kit.folder).filter((path) => /indexeddb|storage|idb/i.test(path) && statSync(path).size > 0);
    ok(files.length > 0, 'no storage files found to search');
    for (const path of files) {
      const bytes = readFileSync(path);
      ok(!bytes.includes(NEEDLE) && !bytes.includes(Buffer.from(NEEDLE, 'utf16le')), `${path} shows an id`);
    }
  });

  await test('a profile is there again after a reload, in a page and behind a worker', async () => {
    const page = await pageAt(kit);
    await page.evaluate(openHere, { profile: 'again' });
    await page.evaluate(trackHere, ['film-3', 'film-7', 'film-11']);
    const slate = await page.evaluate(async () => (await globalThis.rec.recommend({ now: 5 })).items);
    await page.goto(`${kit.server.url}/?reloaded`);
    for (const worker of [false, true]) {
      await page.evaluate(openHere, { profile: 'again', worker });
      same(await page.evaluate(itemsHere), ['film-3', 'film-7', 'film-11']);
      same(await page.evaluate(async () => (await globalThis.rec.recommend({ now: 5 })).items), slate);
      await page.evaluate(closeHere);
    }
    await page.close();
  });
}

async function tabs(kit) {
  const { test } = kit;

  await test('two tabs that track at once lose nothing and agree to the bit', async () => {
    const [a, b] = [await pageAt(kit), await pageAt(kit)], both = [a, b];
    for (const page of both) await page.evaluate(openHere, { profile: 'tabs' });
    const work = (from) => Array.from({ length: 100 }, (_, i) => `film-${(from + i) % 200}`);
    await Promise.all([a.evaluate(trackHere, work(0)), b.evaluate(trackHere, work(100))]);
    await until(async () => (await Promise.all(both.map((page) => page.evaluate(itemsHere)))).every((list) => list.length === 200));
    const answers = await Promise.all(both.map((page) => page.evaluate(async () => [
      (await globalThis.rec.profile.export()).events.map(({ id }) => id), (await globalThis.rec.recommend({ now: 5, count: 40, withSeen: true })).items])));
    same(answers[0], answers[1]);
    await a.goto(`${kit.server.url}/?reloaded`);
    await a.evaluate(openHere, { profile: 'tabs' });
    same(await a.evaluate(async () => (await globalThis.rec.profile.export()).events.map(({ id }) => id)), answers[0][0]);
    for (const page of both) { await page.evaluate(closeHere); await page.close(); }
  });

  await test('two tabs that write at once and merge their records at once lose nothing', async () => {
    const [a, b] = [await pageAt(kit), await pageAt(kit)], both = [a, b], each = 300;
    for (const page of both) await page.evaluate(openHere, { profile: 'merge', limits: { events: 2000 } });
    const saved = await Promise.all(both.map((page, i) => page.evaluate(async ({ from, count }) => {
      let kept = 0;
      for (let n = 0; n < count; n++) if (await globalThis.rec.track('view', `film-${from + n}`).saved) kept++;
      return kept;
    }, { from: i * 1000, count: each })));
    same(saved, [each, each]);
    for (const page of both) await page.evaluate(closeHere);
    await a.evaluate(openHere, { profile: 'merge', limits: { events: 2000 } });
    const items = await a.evaluate(itemsHere);
    equal(new Set(items).size, 2 * each);
    equal(items.length, 2 * each);
    await a.evaluate(closeHere);
    for (const page of both) await page.close();
  });

  await test('another tab hears of events, pausing, forgetting and erasing', async () => {
    const [a, b] = [await pageAt(kit), await pageAt(kit)];
    for (const page of [a, b]) await page.evaluate(openHere, { profile: 'hears' });
    await b.evaluate(() => { globalThis.heard = []; globalThis.rec.on('profile', (value) => globalThis.heard.push(value)); });
    const heard = (wanted) => until(() => b.evaluate((w) => globalThis.heard.some((h) => h.by === 'other' && h.events === w.events && h.paused === w.paused), wanted));
    await a.evaluate(trackHere, ['film-1', 'film-2']);
    await heard({ events: 2, paused: false });
    await a.evaluate(() => globalThis.rec.profile.forget({ item: 'film-1' }));
    await heard({ events: 1, paused: false });
    await a.evaluate(() => globalThis.rec.profile.pause());
    await heard({ events: 1, paused: true });
    await a.evaluate(() => globalThis.rec.profile.erase());
    await heard({ events: 0, paused: false });
    same(await b.evaluate(trackHere, ['film-9']), [true]);
    const dump = await a.evaluate(dumpHere);
    ok(dump.includes('inkling/v1/hears'));
    for (const page of [a, b]) { await page.evaluate(closeHere); await page.close(); }
    const c = await pageAt(kit);
    await c.evaluate(openHere, { profile: 'hears' });
    same(await c.evaluate(itemsHere), ['film-9'], 'written under the new key');
    await c.evaluate(closeHere);
    await c.close();
  });
}

async function trouble(kit) {
  const { test, browser, server } = kit;

  await test('damage is set aside, not erased, and the rest lives', async () => {
    const page = await pageAt(kit);
    await page.evaluate(openHere, { profile: 'hurt' });
    for (const item of ['film-1', 'film-2', 'film-3']) await page.evaluate(trackHere, [item]);
    await page.evaluate(closeHere);
    await page.evaluate(() => new Promise((resolve, reject) => {
      const opening = indexedDB.open('inkling/v1/hurt');
      opening.onsuccess = () => {
        const db = opening.result, transaction = db.transaction('records', 'readwrite'), store = transaction.objectStore('records');
        store.openCursor().onsuccess = ({ target }) => {
          const { value } = target.result;
          value.bytes[value.bytes.length - 1] ^= 1;
          store.put(value, target.result.key);
        };
        store.put('nonsense', 99);
        transaction.oncomplete = () => { db.close(); resolve(); };
        transaction.onabort = () => reject(transaction.error);
      };
    }));
    const state = await page.evaluate(openHere, { profile: 'hurt' });
    equal(state.setAside, 2);
    same(await page.evaluate(itemsHere), ['film-2', 'film-3']);
    equal(await page.evaluate(() => new Promise((resolve) => {
      const opening = indexedDB.open('inkling/v1/hurt');
      opening.onsuccess = () => {
        const db = opening.result;
        db.transaction('aside').objectStore('aside').count().onsuccess = ({ target }) => { db.close(); resolve(target.result); };
      };
    })), 2);
    await page.evaluate(closeHere);
    await page.close();
  });

  await test('a damaged key: the whole profile is set aside, and the page opens', async () => {
    const page = await pageAt(kit);
    await page.evaluate(openHere, { profile: 'locked' });
    await page.evaluate(trackHere, ['film-1', 'film-2']);
    await page.evaluate(closeHere);
    for (const harm of ['check', 'key', 'all']) {
      await page.evaluate((part) => new Promise((resolve) => {
        indexedDB.open('inkling/v1/locked').onsuccess = ({ target: { result: db } }) => {
          const transaction = db.transaction('meta', 'readwrite'), meta = transaction.objectStore('meta');
          meta.get('vault').onsuccess = ({ target: { result: vault } }) => {
            if (part === 'check') vault.check[20] ^= 1;
            if (part === 'key') delete vault.key;
            meta.put(part === 'all' ? 'nonsense' : vault, 'vault');
          };
          transaction.oncomplete = () => { db.close(); resolve(); };
        };
      }), harm);
      const state = await page.evaluate(openHere, { profile: 'locked' });
      same(state, { kind: 'indexeddb', sealed: true, setAside: harm === 'check' ? 1 : 0 }, harm);
      same(await page.evaluate(itemsHere), [], harm);
      await page.evaluate(closeHere);
    }
    ok((await page.evaluate(dumpHere)).includes('inkling/v1/locked'));
    await page.evaluate(openHere, { profile: 'locked' });
    same(await page.evaluate(trackHere, ['film-9']), [true]);
    await page.evaluate(closeHere);
    await page.close();
  });

  await test('a full quota: memory mode and an event; what was saved stays', async () => {
    const page = await pageAt(kit);
    await page.evaluate(openHere, { profile: 'full' });
    await page.evaluate(trackHere, ['film-1']);
    await page.evaluate(() => {
      IDBObjectStore.prototype.add = function add() { throw new DOMException('full', 'QuotaExceededError'); };
    });
    same(await page.evaluate(trackHere, ['film-2', 'film-3']), [false, false]);
    same(await page.evaluate(() => globalThis.states), [{ kind: 'memory', sealed: false, reason: 'quota', setAside: 0 }]);
    same(await page.evaluate(itemsHere), ['film-1', 'film-2', 'film-3']);
    await page.goto(`${server.url}/?reloaded`);
    await page.evaluate(openHere, { profile: 'full' });
    same(await page.evaluate(itemsHere), ['film-1']);
    await page.evaluate(closeHere);
    await page.close();
  });

  if (browser.context) {
    await test('the browser\'s own quota does the same', async () => {
      const page = await browser.newPage(), session = await browser.context.newCDPSession(page);
      const origin = `http://localhost:${server.port}`;   // an origin of its own: Chromium remembers the room that it had
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 60_000 });
      await page.goto(`${origin}/`);
      await page.evaluate(openHere, { profile: 'quota', cache: 'none' });
      const saved = await page.evaluate(async () => {
        for (let i = 0; i < 2000; i++) if (!(await globalThis.rec.track('like', `${i}${'x'.repeat(50)}`).saved)) return i;
        return -1;
      });
      await session.send('Storage.overrideQuotaForOrigin', { origin });
      ok(saved > 0, `the quota bit at event ${saved}`);
      equal(await page.evaluate(() => globalThis.rec.storage.reason), 'quota');
      await page.goto(`${origin}/?reloaded`);
      await page.evaluate(openHere, { profile: 'quota' });
      equal((await page.evaluate(itemsHere)).length, saved);
      await page.evaluate(closeHere);
      await page.close();
    });
  }

  await test('where there is no IndexedDB it is memory, and it is told', async () => {
    const page = await pageAt(kit);
    await page.evaluate(() => { Object.defineProperty(globalThis, 'indexedDB', { value: undefined }); });
    same(await page.evaluate(openHere, {}), { kind: 'memory', sealed: false, reason: 'unavailable', setAside: 0 });
    same(await page.evaluate(trackHere, ['film-1']), [false]);
    same(await page.evaluate(itemsHere), ['film-1']);
    await page.evaluate(closeHere);
    await page.close();
  });
}

async function killed(kit) {
  const { test, launch, server } = kit;

  await test('killed while it tracks: every saved event is there again', async () => {
    const folder = newFolder();
    try {
      let browser = await launch(folder), page = await browser.newPage(), saved = -1;
      page.on('console', (message) => { const [, n] = message.text().match(/^saved (\d+)$/) ?? []; if (n) saved = Math.max(saved, Number(n)); });
      await page.goto(`${server.url}/`);
      await page.evaluate(openHere, { profile: 'killed' });
      await page.evaluate(() => {
        void (async () => {
          for (let i = 0; ; i++) {
            const { saved: done } = globalThis.rec.track('like', `film-${i}`);
            if (await done) console.log(`saved ${i}`);
          }
        })();
      });
      await until(() => saved >= 150, 60);
      await browser.kill();
      const before = saved;
      browser = await launch(folder);
      try {
        page = await browser.newPage();
        await page.goto(`${server.url}/`);
        const state = await page.evaluate(openHere, { profile: 'killed' });
        equal(state.setAside, 0, 'records set aside');
        const items = await page.evaluate(itemsHere);
        ok(items.length > before, `${items.length} events; ${before + 1} had been saved`);
        items.forEach((item, i) => equal(item, `film-${i}`, `event ${i}`));
      } finally {
        await browser.close();
      }
    } finally {
      removeFolder(folder);
    }
  });
}
