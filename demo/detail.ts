// detail.ts - one film in a dialog: why it is there, part by part, and what is like it.

import type { Reason, Recommender } from 'inkling';
import { small, type Acts } from './card.js';
import { cover } from './cover.js';
import { byId, h, icon } from './dom.js';
import type { Film } from './films.js';
import type { ModelSwitch } from './model.js';
import { genreName, t } from './text.js';

const signed = (x: number): string => `${x < 0 ? '\u2212' : '+'}${Math.abs(x).toFixed(4)}`;

/** Of a sum of parts the rest is rounding; of a network it is what its events do only together. */
function labelOf(reason: Reason, model: string, acts: Acts): string {
  if (reason.kind === 'event') return acts.film(reason.item).short;
  if (reason.kind === 'term') return reason.term;
  if (reason.kind === 'others') return t('reason.others', { n: reason.count });
  return t(reason.kind === 'rest' && model === 'gru' ? 'reason.together' : `reason.${reason.kind}`);
}

/** A part of the score. Where something speaks against the film, it goes to the left of a line, what speaks for it to the right. */
function part(reason: Reason, model: string, largest: number, room: number, acts: Acts): HTMLElement {
  const fill = h('i', { class: reason.weight < 0 ? 'against' : 'for' });
  fill.style.width = `${((room * Math.abs(reason.weight)) / largest).toFixed(2)}%`;
  return h('tr', {}, h('th', { scope: 'row' }, labelOf(reason, model, acts)), h('td', { class: 'part', 'aria-hidden': 'true' }, fill),
    h('td', { class: 'number' }, signed(reason.weight)));
}

function parts(reasons: readonly Reason[], score: number, model: string, acts: Acts): HTMLElement {
  const largest = Math.max(1e-9, ...reasons.map(({ weight }) => Math.abs(weight)));
  const both = reasons.some(({ weight }) => weight < -largest / 1000);
  return h('table', { class: both ? 'parts both' : 'parts' }, h('tbody', {}, ...reasons.map((reason) => part(reason, model, largest, both ? 50 : 100, acts))),
    h('tfoot', {}, h('tr', {}, h('th', { scope: 'row' }, t('detail.score')), h('td', {}), h('td', { class: 'number' }, `= ${score.toFixed(4)}`))));
}

/** Opens the dialog for a film; the dialog gives the focus back by itself when it closes. */
export async function showDetail(film: Film, rec: Recommender, acts: Acts, models: ModelSwitch): Promise<void> {
  const dialog = byId<HTMLDialogElement>('detail');
  const [explained, near] = await Promise.all([
    rec.explain(film.id, { ...models.request, reasons: 8 }).catch(() => null), rec.similarItems(film.id, { ...models.alike, count: 6 }).catch(() => null)]);
  const said = acts.opinion(film), reasons = explained?.reasons ?? [];
  const act = (kind: 'like' | 'dislike' | 'hide', name: 'heart' | 'no' | 'eyeless'): HTMLElement => h('button', {
    type: 'button', class: kind === 'like' ? 'primary' : '', 'aria-pressed': String(said === kind),
    onclick: () => { if (said === kind) acts.takeBack(film); else acts.say(kind, film); dialog.close(); } }, icon(name), t(said === kind && kind === 'like' ? 'liked' : kind));

  dialog.replaceChildren(h('div', { class: 'detail' },
    h('button', { type: 'button', class: 'quiet round close', 'aria-label': t('detail.close'), onclick: () => dialog.close() }, icon('cross')),
    h('div', { class: 'detail-head' }, cover(film), h('div', {},
      h('h2', { id: 'detail-title', tabindex: -1, autofocus: true }, film.title),
      h('p', { class: 'note' }, [film.year, ...film.genres.map(genreName)].filter(Boolean).join(' · '))),
    h('div', { class: 'row' }, act('like', 'heart'), act('dislike', 'no'), act('hide', 'eyeless'))),
    h('h3', {}, t('detail.why')),
    explained?.model === 'popular' ? h('p', { class: 'note' }, t('popular.reason')) : h('p', { class: 'note' }, t('detail.why.note')),
    explained && explained.model !== 'popular' ? parts(reasons, explained.score, explained.model ?? '', acts) : null,
    near && near.items.length > 0 ? h('h3', {}, t('detail.similar')) : null,
    near && near.items.length > 0 ? h('ul', { class: 'shelf' }, ...near.items.map((item) => small(acts.film(item.id), acts.open))) : null));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

/** A click beside the dialog closes it. */
export function detailCloses(): void {
  const dialog = byId<HTMLDialogElement>('detail');
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
}
