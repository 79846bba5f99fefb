// card.ts - a film on a shelf: a small one to like at a touch, and one of the slate with its reason and its bars.

import type { Reason, SlateItem } from 'inkling';
import { cover } from './cover.js';
import { h, icon } from './dom.js';
import type { Film } from './films.js';
import { t } from './text.js';

/** What a card can do; the page decides what that means. */
export interface Acts {
  readonly film: (id: string) => Film;
  readonly opinion: (film: Film) => string | null;
  readonly say: (kind: 'like' | 'dislike' | 'hide', film: Film) => void;
  readonly takeBack: (film: Film) => void;
  readonly open: (film: Film) => void;
}

const named = (film: Film): string => (film.year === null ? film.title : `${film.title} (${film.year})`);

/** A film to like or to take back. */
export function tile(film: Film, acts: Acts): HTMLLIElement {
  const liked = acts.opinion(film) === 'like';
  return h('li', { class: 'tile', 'data-film': film.id },
    h('button', { type: 'button', class: 'tile-button', 'aria-pressed': String(liked), 'aria-label': t('like.film', { film: named(film) }),
      onclick: () => (liked ? acts.takeBack(film) : acts.say('like', film)) },
    cover(film), h('span', { class: 'tile-heart' }, icon('heart'))));
}

/** The reasons that events gave, the strongest first. */
export function eventReasons(reasons: readonly Reason[]): (Reason & { kind: 'event' })[] {
  return reasons.filter((reason) => reason.kind === 'event').sort((a, b) => b.weight - a.weight);
}

/** Why a film is there, in one line. */
function because(item: SlateItem, acts: Acts): HTMLElement {
  const [best] = eventReasons(item.reasons ?? []);
  if (!best || best.weight <= 0) return h('p', { class: 'why' }, item.model === 'popular' ? t('popular.reason') : t('because.despite'));
  const film = acts.film(best.item).short, [before, after] = t('because', { film: '\u0001' }).split('\u0001');
  return h('p', { class: 'why' }, before, h('b', {}, film), after);
}

/** The parts of a score, as a bar: what each of the person's events gave. */
function bar(item: SlateItem): HTMLElement | null {
  const parts = (item.reasons ?? []).filter(({ weight }) => weight > 1e-4).map(({ weight }) => weight).sort((a, b) => b - a);
  if (item.model === 'popular' || parts.length === 0) return null;
  return h('span', { class: 'bar', 'aria-hidden': 'true' }, ...parts.map((weight) => {
    const part = h('i', {});
    part.style.flexGrow = String(weight);
    return part;
  }));
}

/** A film of the slate. */
export function card(item: SlateItem, acts: Acts): HTMLLIElement {
  const film = acts.film(item.id);
  const node = h('li', { class: 'card', 'data-film': film.id },
    h('button', { type: 'button', class: 'card-open', 'aria-label': t('open.film', { film: named(film) }), onclick: () => acts.open(film) }, cover(film)),
    h('div', { class: 'card-below' }, bar(item), because(item, acts)),
    h('div', { class: 'card-acts' },
      h('button', { type: 'button', class: 'act like', 'aria-label': t('like.film', { film: named(film) }), title: t('like'), onclick: () => acts.say('like', film) }, icon('heart')),
      h('button', { type: 'button', class: 'act', 'aria-label': t('dislike.film', { film: named(film) }), title: t('dislike'), onclick: () => acts.say('dislike', film) }, icon('no'))));
  node.style.setProperty('view-transition-name', CSS.escape(`film-${film.id}`));
  return node;
}

/** A film that only opens. */
export function small(film: Film, open: (film: Film) => void): HTMLLIElement {
  return h('li', { class: 'tile' }, h('button', { type: 'button', class: 'tile-button', 'aria-label': t('open.film', { film: named(film) }), onclick: () => open(film) }, cover(film)));
}
