// t_demo.mjs - the demo as a visitor uses it: with the keyboard, in both languages, at 360 px, offline, and counted.
// Built around the small fixture pack, so that it needs no training; the page is the same.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDemo } from '../../demo/build.mjs';
import { equal, ok } from '../../web/test/assert.mjs';
import { makePack } from '../../web/test/fixture.mjs';
import { serve } from './server.mjs';

const readyHere = async () => {
  for (let i = 0; i < 400 && document.documentElement.dataset.ready !== 'true'; i++) await new Promise((r) => setTimeout(r, 25));
  return document.documentElement.dataset.ready;
};
const stateHere = () => ({
  slate: document.querySelector('#slate-title').textContent,
  films: [...document.querySelectorAll('#films .card')].map((card) => card.dataset.film),
  events: [...document.querySelectorAll('#events .event')].map((event) => event.dataset.film),
  requests: document.querySelector('#requests').textContent,
  said: document.querySelector('#live').textContent,
  storage: document.querySelector('#fact-storage').textContent,
  offline: document.querySelector('#fact-offline').textContent,
});
const clickHere = (selector) => document.querySelector(selector).click();

/** In the page: how many records of the profile are at rest. */
const recordsHere = () => new Promise((resolve, reject) => {
  const opening = indexedDB.open('inkling/v1/demo');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const db = opening.result, count = db.transaction('records').objectStore('records').count();
    count.onsuccess = () => { db.close(); resolve(count.result); };
  };
});

/** Waits until so many records are at rest: what was liked an instant before the page is left may not be. */
async function atRest(page, records) {
  let there = 0;
  for (let i = 0; i < 200 && there < records; i++) {
    there = await page.evaluate(recordsHere);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  ok(there >= records, `${there} records at rest`);
}

/** Waits for a state of the page that `good` accepts; gives it. */
async function when(page, good, what) {
  let state;
  for (let i = 0; i < 200; i++) {
    state = await page.evaluate(stateHere);
    if (good(state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what}: ${JSON.stringify(state)}`);
}

export async function demo({ browser, test, name }) {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-demo-')), pack = join(folder, 'fixture.safetensors'), out = join(folder, 'page');
  writeFileSync(pack, makePack({ sequence: true }));
  await buildDemo({ pack, out });
  let server = await serve({ demo: out });
  const { port } = server, url = `${server.url}/demo/`;
  try {
    await visits({ browser, test, url, name });
    await trouble({ browser, test, out, folder });
    await offline({ browser, test, url, stop: () => server.close(), start: async () => { server = await serve({ demo: out, port }); } });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function visits({ browser, test, url }) {
  const page = await browser.newPage({ width: 1280, height: 900 }), errors = [];
  page.on('pageerror', (error) => errors.push(String(error?.message ?? error)));
  await page.goto(url);

  await test('demo: opens with what is popular, and with nothing sent', async () => {
    equal(await page.evaluate(readyHere), 'true');
    const state = await page.evaluate(stateHere);
    equal(state.slate, 'Popular with everyone');
    equal(state.films.length, 12);
    equal(state.requests, '0');
    ok(state.storage.includes('AES-GCM'), state.storage);
    const ms = await page.evaluate(() => document.querySelector('#stat-ms').textContent);
    ok(/^(< (0\.1|\d+)|\d+|\d+\.\d)$/.test(ms) && Number(ms) !== 0, `no time is nothing: ${ms}`);
    equal(await page.evaluate(() => document.querySelectorAll('.waiting, [aria-busy]').length), 0, 'nothing waits any more');
  });

  await test('demo: a like changes the shelf at once and is announced', async () => {
    await page.evaluate(clickHere, '#start li[data-film="film-3"] button');
    const state = await when(page, (s) => s.events.length === 1 && s.slate === 'For you' && s.said !== '', 'after a like');
    ok(state.films.slice(0, 4).every((id) => Number(id.slice(5)) % 4 === 3), state.films.join());
    ok(state.said.includes('liked'), state.said);
    equal(await page.evaluate(() => document.querySelector('#films .why').textContent.startsWith('because you liked Film 3')), true);
  });

  await test('demo: the keyboard alone finds, likes, explains and takes back', async () => {
    await page.evaluate(() => document.querySelector('#search').focus());
    await page.keyboard.type('film 2');
    await page.keyboard.press('ArrowDown');
    const [expanded, marked, options] = await page.evaluate(() => [document.querySelector('#search').getAttribute('aria-expanded'),
      document.querySelector('#search').getAttribute('aria-activedescendant'), document.querySelectorAll('#found [role=option]').length]);
    equal(expanded, 'true');
    equal(marked, 'found-1');
    ok(options > 1);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await when(page, (s) => s.events.length === 2 && s.events[0] === 'film-2', 'liked by Enter');
    await page.evaluate(() => document.querySelector('#films .card-open').focus());
    await page.keyboard.press('Enter');
    for (let i = 0; i < 80 && !(await page.evaluate(() => document.querySelector('#detail').open)); i++) await new Promise((r) => setTimeout(r, 25));
    const shown = await page.evaluate(() => ({ parts: [...document.querySelectorAll('#detail tbody .number')].map((n) => Number(n.textContent.replace('\u2212', '-'))),
      score: Number(document.querySelector('#detail tfoot .number').textContent.replace('= ', '')), inside: document.querySelector('#detail').contains(document.activeElement) }));
    ok(Math.abs(shown.parts.reduce((a, b) => a + b, 0) - shown.score) < 0.0005, JSON.stringify(shown));
    ok(shown.inside, 'focus went into the dialog');
    await page.keyboard.press('Escape');
    equal(await page.evaluate(() => document.activeElement.className), 'card-open', 'focus came back');
    await page.evaluate(() => document.querySelector('#events .event[data-film="film-2"] button').focus());
    await page.keyboard.press('Enter');
    await when(page, (s) => s.events.join() === 'film-3', 'forgotten by Enter');
  });

  await test('demo: the other model reads the order of the last films, by the keyboard too, and says what each of them moves', async () => {
    await page.evaluate(clickHere, '#start li[data-film="film-6"] button');
    await when(page, (s) => s.events.length === 2, 'two events');
    await page.evaluate(() => document.querySelector('#models input[value="als"]').focus());
    await page.keyboard.press('ArrowRight');
    await when(page, (s) => s.said.startsWith('By what comes next') && s.films.slice(0, 4).every((id) => Number(id.slice(5)) % 4 === 2),
      'the last film\'s genre, by the other model');
    const trail = () => page.evaluate(() => ({ hidden: document.querySelector('#trail').hidden, note: document.querySelector('#trail-note').textContent,
      films: [...document.querySelectorAll('#trail-films li')].map((li) => [li.dataset.film, li.querySelector('.hidden').textContent]) }));
    let shown = await trail();
    equal(shown.hidden, false);
    equal(shown.films.map(([id]) => id).join(), 'film-3,film-6');
    ok(shown.films[1][1].endsWith('by 100 %'), shown.films[1][1]);
    await page.evaluate(clickHere, '#start li[data-film="film-1"] button');
    await when(page, (s) => s.events.length === 3 && s.films.slice(0, 4).every((id) => Number(id.slice(5)) % 4 === 1), 'one film more');
    shown = await trail();
    equal(shown.films.at(-1)[0], 'film-1');
    ok(/The newest changed [1-9]\d* of 12 films\./.test(shown.note), shown.note);
    equal(await page.evaluate(() => document.querySelector('#films .why b').textContent.startsWith('Film 1')), true);
    await page.evaluate(() => document.querySelector('#models input:checked').focus());
    await page.keyboard.press('ArrowLeft');
    await when(page, () => true, 'back');
    for (let i = 0; i < 80 && !(await trail()).hidden; i++) await new Promise((r) => setTimeout(r, 25));
    equal((await trail()).hidden, true, 'the taste has no order');
    for (const film of ['film-6', 'film-1']) await page.evaluate(clickHere, `#events .event[data-film="${film}"] button`);
    await when(page, (s) => s.events.join() === 'film-3', 'as before');
  });

  await test('demo: an event can be changed, the profile paused and erased', async () => {
    await page.evaluate(() => {
      const select = document.querySelector('#events select');
      select.dataset.old = 'true';
      select.value = 'dislike';
      select.dispatchEvent(new Event('change'));
    });
    for (let i = 0; i < 80 && (await page.evaluate(() => document.querySelector('#events select:not([data-old])')?.value)) !== 'dislike'; i++) await new Promise((r) => setTimeout(r, 25));
    await when(page, (s) => s.events.length === 1, 'still one event');
    await page.evaluate(clickHere, '#pause');
    for (let i = 0; i < 80 && (await page.evaluate(() => document.querySelector('#paused').hidden)); i++) await new Promise((r) => setTimeout(r, 25));
    await page.evaluate(clickHere, '#start li[data-film="film-6"] button');
    await new Promise((resolve) => setTimeout(resolve, 150));
    equal((await page.evaluate(stateHere)).events.length, 1, 'paused, but an event came in');
    await page.evaluate(clickHere, '#pause');
    await page.evaluate(clickHere, '#erase');
    equal((await page.evaluate(stateHere)).events.length, 1, 'one click erases nothing');
    await page.evaluate(clickHere, '#erase');
    await when(page, (s) => s.events.length === 0 && s.slate === 'Popular with everyone', 'erased');
  });

  await test('demo: Chinese and back, light and dark', async () => {
    await page.evaluate(clickHere, '#language');
    await when(page, (s) => s.slate === '大家都爱看', 'in Chinese');
    equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hans');
    const left = await page.evaluate(() => [...document.querySelectorAll('button, h1, h2, label')].filter((n) => n.offsetParent).map((n) => n.textContent.trim()).filter((s) => /[a-z]{5}/i.test(s) && s !== 'English'));
    ok(left.every((text) => /Film \d/.test(text)), `still English: ${left}`);
    ok(!left.some((text) => /Comedy|Drama|Horror/.test(text)), `genres still English: ${left}`);
    await page.evaluate(clickHere, '#language');
    await when(page, (s) => s.slate === 'Popular with everyone', 'in English');
    const paper = () => page.evaluate(() => getComputedStyle(document.body).color);
    const before = await paper();
    await page.evaluate(clickHere, '#theme');
    ok(before !== await paper(), 'the theme did not change');
    await page.evaluate(clickHere, '#theme');
  });

  await test('demo: every control has a name, nothing is wider than 360 px', async () => {
    const nameless = await page.evaluate(() => [...document.querySelectorAll('button, a, input, select, [role=listbox]')].filter((node) => (
      !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length))).map((node) => node.outerHTML.slice(0, 100)));
    equal(nameless.join(), '');
    const phone = await browser.newPage({ width: 360, height: 740 });
    await phone.goto(url);
    await phone.evaluate(readyHere);
    const wide = await phone.evaluate(() => ({ page: document.documentElement.scrollWidth, window: innerWidth,
      small: [...document.querySelectorAll('main button, header button, header a')].filter((b) => b.offsetParent && (b.offsetHeight < 24 || b.offsetWidth < 24)).length }));
    ok(wide.page <= wide.window, `${wide.page} px wide at ${wide.window}`);
    equal(wide.small, 0, 'controls too small to touch');
    await phone.close();
  });

  await test('demo: still no request, and no error', async () => {
    equal((await page.evaluate(stateHere)).requests, '0');
    equal(errors.join(), '');
  });
  await page.close();
}

async function trouble({ browser, test, out, folder }) {
  await test('demo: where the pack is missing the page says so, and offers to try again', async () => {
    const bare = join(folder, 'bare');
    cpSync(out, bare, { recursive: true });
    rmSync(join(bare, 'movies.safetensors'));
    const server = await serve({ demo: bare }), page = await browser.newPage({ width: 360, height: 740 });
    try {
      await page.goto(`${server.url}/demo/`);
      for (let i = 0; i < 200 && !(await page.evaluate(() => document.documentElement.dataset.failed)); i++) await new Promise((r) => setTimeout(r, 25));
      const shown = await page.evaluate(() => ({ note: document.querySelector('[role=alert]').textContent, waiting: document.querySelectorAll('.waiting').length,
        buttons: [...document.querySelectorAll('main button')].filter((b) => b.offsetParent).map((b) => b.textContent) }));
      ok(shown.note.includes('movies.safetensors answered 404'), shown.note);
      equal(shown.waiting, 0);
      equal(shown.buttons.join(), 'Try again');
      await page.close();
    } finally {
      await server.close();
    }
  });

  await test('demo: where every storage is forbidden it works all the same, and says what that means', async () => {
    const server = await serve({ demo: out }), page = await browser.newPage({ width: 1280, height: 900 });
    try {
      await (page.addInitScript ?? page.evaluateOnNewDocument).call(page, () => {
        for (const name of ['localStorage', 'indexedDB', 'caches']) {
          Object.defineProperty(globalThis, name, { configurable: true, get() { throw new DOMException('forbidden here', 'SecurityError'); } });
        }
      });
      await page.goto(`${server.url}/demo/`);
      equal(await page.evaluate(readyHere), 'true');
      ok((await page.evaluate(stateHere)).storage.includes('memory'), 'not told');
      await page.evaluate(clickHere, '#start li[data-film="film-3"] button');
      await when(page, (s) => s.events.length === 1 && s.slate === 'For you', 'after a like');
      await page.evaluate(clickHere, '#theme');
      await page.close();
    } finally {
      await server.close();
    }
  });
}

async function offline({ browser, test, url, stop, start }) {
  await test('demo: with the network gone it reloads, recommends, learns, and has learnt', async () => {
    const page = await browser.newPage({ width: 1280, height: 900 });
    await page.goto(url);
    await page.evaluate(readyHere);
    await page.evaluate(clickHere, '#start li[data-film="film-5"] button');
    await when(page, (s) => s.events.length === 1, 'liked online');
    await atRest(page, 1);
    await stop();
    try {
      await page.goto(`${url}?offline`);
      equal(await page.evaluate(readyHere), 'true');
      let state = await when(page, (s) => s.events.join() === 'film-5', 'the profile offline');
      equal(state.slate, 'For you');
      equal(state.requests, '0');
      await page.evaluate(clickHere, '#films .card .like');
      state = await when(page, (s) => s.events.length === 2, 'liked offline');
      await atRest(page, 2);
      await page.goto(`${url}?again`);
      await page.evaluate(readyHere);
      await when(page, (s) => s.events.length === 2, 'learnt offline');
    } finally {
      await start();
    }
    await page.evaluate(clickHere, '#erase');
    await page.evaluate(clickHere, '#erase');
    await when(page, (s) => s.events.length === 0, 'erased');
    await page.close();
  });
}
