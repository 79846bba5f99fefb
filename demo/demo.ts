// demo.ts - the page: opens the pack as any site would, and keeps shelf, slate, profile and proof in step with it.
// Everything that is learnt is the package's; here are only words, pictures and clicks.

import { open, type ProfileReport, type Recommender, type Slate } from 'inkling';
import { card, tile, type Acts } from './card.js';
import { detailCloses, showDetail } from './detail.js';
import { byId, h, icon, keep, kept, say } from './dom.js';
import { Catalogue, diverse, type Film } from './films.js';
import { ModelSwitch, showTrail } from './model.js';
import { profileControls, showProfile } from './profile.js';
import { prepareOffline, showProof, startCounting } from './proof.js';
import { searchBox } from './search.js';
import { language, speak, t } from './text.js';

declare const PACK: { readonly url: string; readonly integrity: string };

const START = 14;

const columnsOf = (grid: HTMLElement): number => getComputedStyle(grid).gridTemplateColumns.split(' ').length;

/** Films of one page: whole rows of the grid, whatever its width. */
function pageOf(grid: HTMLElement): number {
  const columns = columnsOf(grid);
  return columns <= 3 ? 12 : columns * 3;
}

/** The least that this browser's clock tells, ms: browsers round it (to 0.1, 1 or more) against pages that spy by timing. */
function clockStep(): number {
  let least = Infinity;
  for (let i = 0, before = performance.now(); i < 3;) {
    const now = performance.now();
    if (now === before) continue;
    least = Math.min(least, now - before);
    before = now;
    i++;
  }
  return least < 0.5 ? 0.1 : Math.ceil(least);
}
const STEP = clockStep();

/** A time as exact as the clock is: "0.4", "2", "< 1". */
function milliseconds(ms: number): string {
  return ms < STEP ? `< ${STEP}` : ms.toFixed(STEP < 1 ? 1 : 0);
}

class Page {
  readonly #rec: Recommender;
  readonly #known: readonly Film[];
  readonly #acts: Acts;
  #opinions = new Map<string, { kind: string; event: string }>();
  #report: ProfileReport | null = null;
  #slateId = '';
  #turn = 0;
  #count = pageOf(byId('films'));
  readonly #models: ModelSwitch;
  /** The films of the shelf before this one, of which model, and of how many events. */
  #before: { model: string; events: number; films: ReadonlySet<string> } | null = null;

  private constructor(rec: Recommender, films: Catalogue, known: readonly Film[]) {
    this.#rec = rec;
    this.#known = known;
    this.#models = new ModelSwitch(rec.pack.models, () => void this.refresh());
    this.#acts = {
      film: (id) => films.film(id),
      opinion: (film) => this.#opinions.get(film.id)?.kind ?? null,
      say: (kind, film) => this.#say(kind, film),
      takeBack: (film) => this.#takeBack(film),
      open: (film) => void showDetail(film, rec, this.#acts, this.#models),
    };
  }

  static async start(rec: Recommender): Promise<Page> {
    const order = (await rec.recommend({ model: 'popular', count: 400, withSeen: true })).items.map(({ id }) => id);
    const films = new Catalogue(await rec.items(), order);
    const page = new Page(rec, films, order.slice(0, 160).map((id) => films.film(id)));
    searchBox(films, page.#acts.opinion, (film) => page.#say('like', film));
    profileControls(rec);
    detailCloses();
    byId('more').addEventListener('click', () => { page.#turn = (page.#turn + 1) % Math.max(1, Math.floor(page.#known.length / START)); page.#showStart(); });
    addEventListener('resize', () => page.#fillRows());
    rec.on('profile', () => void page.refresh());
    rec.on('storage', () => showProof(rec.pack, rec.storage));
    for (const event of ['online', 'offline']) addEventListener(event, () => showProof(rec.pack, rec.storage));
    await page.refresh();
    return page;
  }

  // ------------------------------------------------------------------ doing

  #say(kind: 'like' | 'dislike' | 'hide', film: Film): void {
    const before = this.#opinions.get(film.id);
    const { id } = this.#rec.track(kind, film.id, this.#slateId ? { slate: this.#slateId } : {});
    if (id === null) return say(t('profile.paused'));
    if (before) void this.#rec.profile.forget({ event: before.event });
    say(t(kind === 'like' ? 'said.liked' : kind === 'dislike' ? 'said.disliked' : 'said.hidden', { film: film.title }));
  }

  #takeBack(film: Film): void {
    const opinion = this.#opinions.get(film.id);
    if (!opinion) return;
    void this.#rec.profile.forget({ event: opinion.event });
    say(t('said.forgotten', { film: film.title }));
  }

  // ---------------------------------------------------------------- showing

  /** Another width may have other columns: the last row is filled up. */
  #fillRows(): void {
    const columns = columnsOf(byId('films')), whole = Math.ceil(this.#count / columns) * columns;
    if (whole === this.#count) return;
    this.#count = whole;
    void this.refresh();
  }

  /** Asks anew and draws everything that depends on the profile. */
  async refresh(): Promise<void> {
    const report = this.#report = await this.#rec.profile.inspect();
    this.#opinions = new Map(report.events.filter(({ kind }) => kind !== 'view').map(({ item, kind, id }) => [item, { kind, event: id }]));
    const slate = await this.#rec.recommend({ ...this.#models.request, count: this.#count, explain: true, reasons: 8 });
    this.#slateId = slate.id;
    changing(() => {
      this.#showStart();
      this.#showSlate(slate);
      showProfile(report, this.#acts, this.#rec);
      showProof(this.#rec.pack, this.#rec.storage);
    });
  }

  #showStart(): void {
    const list = byId('start'), focus = focusIn(list);
    byId('more').replaceChildren(icon('shuffle'), t('start.more'));
    list.replaceChildren(...diverse(this.#known, START, this.#turn).map((film) => tile(film, this.#acts)));
    focus();
  }

  /** What counts for the order, oldest first. */
  #liked(): string[] {
    return (this.#report?.events ?? []).filter(({ kind }) => kind === 'like' || kind === 'view').sort((a, b) => (a.time ?? 0) - (b.time ?? 0)).map(({ item }) => item);
  }

  /** How many films one more event brought in; null where something else changed. */
  #moved(slate: Slate): number | null {
    const events = this.#report?.events.length ?? 0, before = this.#before, model = slate.model ?? '';
    this.#before = { model, events, films: new Set(slate.items.map(({ id }) => id)) };
    if (before === null || before.model !== model || before.events + 1 !== events) return null;
    return slate.items.filter(({ id }) => !before.films.has(id)).length;
  }

  #showSlate(slate: Slate): void {
    const list = byId('films'), focus = focusIn(list), own = slate.model !== 'popular';
    byId('slate-title').textContent = t(own ? 'slate.title' : 'slate.empty');
    byId('slate-note').textContent = own
      ? t('slate.note', { n: this.#report?.known ?? 0, items: slate.rows.toLocaleString(), ms: milliseconds(slate.ms) }) : t('slate.empty.note');
    byId('stat-films').textContent = this.#rec.pack.items.toLocaleString();
    byId('stat-ms').textContent = milliseconds(slate.ms);
    showTrail(slate, this.#liked(), this.#moved(slate), this.#acts);
    list.replaceChildren(...slate.items.map((item) => card(item, this.#acts)));
    if (slate.items.length === this.#count && this.#count < 96) {
      list.append(h('li', { class: 'card-more' }, h('button', { type: 'button', onclick: () => { this.#count += pageOf(list); void this.refresh(); } }, t('slate.more'))));
    }
    focus();
  }
}

/** Remembers which film of a list has the focus, and which control in it; afterwards gives it to the same, or to its place. */
function focusIn(list: HTMLElement): () => void {
  const at = document.activeElement?.closest('li');
  if (!at || at.parentElement !== list) return () => undefined;
  const place = [...list.children].indexOf(at), film = at.dataset['film'], control = [...at.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
  return () => {
    const next = [...list.children].find((one) => (one as HTMLElement).dataset['film'] === film) ?? list.children[Math.min(place, list.children.length - 1)];
    [...(next?.querySelectorAll('button') ?? [])][Math.max(0, control)]?.focus({ preventScroll: true });
  };
}

/** Draws, with films gliding to their new places where the browser can and the person likes motion. */
function changing(draw: () => void): void {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden || byId('films').querySelector('.card') === null;
  if (still || typeof document.startViewTransition !== 'function') draw();
  else {
    const { ready, finished } = document.startViewTransition(draw);
    for (const promise of [ready, finished]) promise.catch(() => undefined);        // a later change cuts an earlier one short
  }
}

function theme(): void {
  const button = byId('theme'), chosen = kept('theme');
  if (chosen) document.documentElement.dataset['theme'] = chosen;
  button.replaceChildren(icon('moon'));
  byId('profile-icon').replaceChildren(icon('person'));
  byId('search-icon').replaceChildren(icon('search'));
  button.addEventListener('click', () => {
    const dark = document.documentElement.dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    const next = dark === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = next;
    keep('theme', next);
  });
}

/** Empty shelves, until there is something to show. */
function wait(): void {
  for (const [id, count] of [['start', 8], ['films', 8]] as const) {
    byId(id).replaceChildren(...Array.from({ length: count }, () => h('li', { class: 'tile waiting', 'aria-hidden': 'true' })));
    byId(id).setAttribute('aria-busy', 'true');
  }
}

/** Says why nothing came, and offers to try again. */
function fail(error: unknown): void {
  document.documentElement.dataset['failed'] = 'true';
  for (const id of ['start', 'films']) byId(id).replaceChildren();
  const note = byId('slate-note');
  byId('slate-title').textContent = t('fail.title');
  note.textContent = t('fail', { why: error instanceof Error ? error.message : String(error) });
  note.classList.add('fail');
  note.setAttribute('role', 'alert');
  byId('films').append(h('li', { class: 'card-more' }, h('button', { type: 'button', class: 'primary', onclick: () => location.reload() }, t('fail.again'))));
}

async function main(): Promise<void> {
  theme();
  wait();
  speak(kept('language') === 'zh' ? 'zh' : 'en');
  const note = byId('slate-note');
  let page: Page | null = null;
  byId('language').addEventListener('click', () => {
    speak(language() === 'en' ? 'zh' : 'en');
    keep('language', language());
    void page?.refresh();
  });
  try {
    const rec = await open(PACK.url, {
      profile: 'demo', integrity: PACK.integrity, limits: { count: 400 },
      onProgress: ({ loaded, total }) => { note.textContent = t('loading', { mb: (loaded / 1e6).toFixed(1), of: (Math.max(loaded, total) / 1e6).toFixed(1) }); },
    });
    page = await Page.start(rec);
    for (const id of ['start', 'films']) byId(id).removeAttribute('aria-busy');
    document.querySelector('aside')?.removeAttribute('inert');
    await prepareOffline();
    showProof(rec.pack, rec.storage);
    startCounting();
    document.documentElement.dataset['ready'] = 'true';
  } catch (error) {
    fail(error);
    throw error;
  }
}

void main();
