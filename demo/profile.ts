// profile.ts - the person's side of the page: every event to see, to change, to take back; a file to keep; all to erase.

import { InklingError, type ProfileEvent, type ProfileReport, type Recommender } from 'inkling';
import type { Acts } from './card.js';
import { cover } from './cover.js';
import { byId, h, icon, say } from './dom.js';
import { genreName, t, type Key } from './text.js';

const KINDS = ['like', 'dislike', 'hide', 'view'] as const;
const SHOWN = 100;

function eventRow(event: ProfileEvent, acts: Acts, rec: Recommender): HTMLLIElement {
  const film = acts.film(event.item), kinds: readonly string[] = KINDS;
  const choose = h('select', { 'aria-label': t('profile.kind', { film: film.title }), onchange: () => {
    const { id } = rec.track(choose.value, event.item, { time: event.time, slate: event.slate });
    if (id === null) choose.value = event.kind;                       // paused: what was said stays
    else void rec.profile.forget({ event: event.id });
  } }, ...(kinds.includes(event.kind) ? kinds : [...kinds, event.kind]).filter((kind) => kind !== 'view' || event.kind === 'view').map((kind) => (
    h('option', { value: kind, selected: kind === event.kind }, kinds.includes(kind) ? t(`kind.${kind}` as Key) : kind))));
  return h('li', { class: 'event', 'data-film': film.id }, cover(film, false), h('span', { class: 'event-text' }, h('b', { title: film.title }, film.short), choose),
    h('button', { type: 'button', class: 'quiet round', 'aria-label': t('profile.forget', { film: film.title }), onclick: () => {
      void rec.profile.forget({ event: event.id });
      say(t('said.forgotten', { film: film.title }));
    } }, icon('cross')));
}

/** Genres of what was liked, as shares. */
function taste(events: readonly ProfileEvent[], acts: Acts): HTMLElement | null {
  const counts = new Map<string, number>();
  for (const { kind, item } of events) if (kind === 'like') for (const genre of acts.film(item).genres) counts.set(genre, (counts.get(genre) ?? 0) + 1);
  const top = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 4), likes = events.filter(({ kind }) => kind === 'like').length;
  if (top.length === 0) return null;
  return h('dl', { class: 'taste' }, ...top.flatMap(([genre, n]) => {
    const fill = h('i', {});
    fill.style.width = `${Math.round((100 * n) / likes)}%`;
    return [h('dt', {}, genreName(genre)), h('dd', {}, h('span', { class: 'taste-bar', 'aria-hidden': 'true' }, fill), `${Math.round((100 * n) / likes)} %`)];
  }));
}

/** Draws the panel anew. */
export function showProfile(report: ProfileReport, acts: Acts, rec: Recommender): void {
  const newest = [...report.events].reverse();
  const bubble = byId('profile-bubble');
  bubble.textContent = String(newest.length);
  bubble.hidden = newest.length === 0;
  byId('profile-count').textContent = newest.length > 0 ? t('profile.count', { n: newest.length }) : '';
  byId('taste').replaceChildren(...[taste(report.events, acts)].filter((node) => node !== null));
  byId('events').replaceChildren(...newest.slice(0, SHOWN).map((event) => eventRow(event, acts, rec)));
  if (newest.length === 0) byId('events').append(h('li', { class: 'note' }, t('profile.none')));
  byId<HTMLInputElement>('pause').checked = report.paused;
  byId('paused').hidden = !report.paused;
}

async function save(rec: Recommender): Promise<void> {
  const json = JSON.stringify(await rec.profile.export(), null, 1);
  const link = h('a', { href: URL.createObjectURL(new Blob([json], { type: 'application/json' })), download: 'inkling-profile.json' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function read(file: File, rec: Recommender): Promise<void> {
  try {
    const value: unknown = JSON.parse(await file.text());
    say(t('profile.imported', { n: await rec.profile.import(value, { merge: true }) }));
  } catch (error) {
    if (!(error instanceof InklingError || error instanceof SyntaxError)) throw error;
    say(t('profile.import.bad', { why: error.message }));
    byId('profile-count').textContent = t('profile.import.bad', { why: error.message });
  }
}

/** Wires the panel's controls. */
export function profileControls(rec: Recommender): void {
  const pause = byId<HTMLInputElement>('pause'), file = byId<HTMLInputElement>('file'), erase = byId('erase');
  pause.addEventListener('change', () => { void (pause.checked ? rec.profile.pause() : rec.profile.resume()); });
  byId('export').addEventListener('click', () => { void save(rec); });
  byId('import').addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) void read(chosen, rec);
    file.value = '';
  });
  const calm = (): void => {
    erase.dataset['t'] = 'profile.erase';
    erase.textContent = t('profile.erase');
  };
  erase.addEventListener('blur', calm);
  erase.addEventListener('click', () => {
    if (erase.dataset['t'] === 'profile.erase') {
      erase.dataset['t'] = 'profile.erase.sure';
      erase.textContent = t('profile.erase.sure');
      return;
    }
    calm();
    void rec.profile.erase().then(() => say(t('profile.erased')));
  });
}
