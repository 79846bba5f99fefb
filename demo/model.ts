// model.ts - which of the pack's models answers, and, for the one that reads events in their order, what each of the last
// films does to the shelf.

import type { Slate } from 'inkling';
import type { Acts } from './card.js';
import { cover } from './cover.js';
import { byId, h, keep, kept, say } from './dom.js';
import { t } from './text.js';

type Model = 'als' | 'gru';
const SHOWN = 8;

/** The switch between the models; hidden where the pack has only one of them. */
export class ModelSwitch {
  readonly #inputs: readonly HTMLInputElement[];
  readonly #there: boolean;

  constructor(models: readonly string[], changed: () => void) {
    this.#inputs = [...byId('models').querySelectorAll('input')];
    this.#there = this.#inputs.every(({ value }) => models.includes(value));
    byId('models').hidden = !this.#there;
    for (const input of this.#inputs) {
      input.checked = input.value === (kept('model') === 'gru' ? 'gru' : 'als');
      input.addEventListener('change', () => {
        keep('model', input.value);
        const model = input.value as Model;
        say(t('model.said', { model: t(`model.${model}`), note: t(`model.${model}.note`) }));
        changed();
      });
    }
  }

  /** What a request asks for; nothing where there is nothing to choose. */
  get request(): { model?: string } {
    return this.#there ? { model: this.#inputs.find(({ checked }) => checked)?.value ?? 'als' } : {};
  }

  /** What asks for films like one film: that is a matter of taste, whatever orders the shelf. */
  get alike(): { model?: string } { return this.#there ? { model: 'als' } : {}; }
}

/** How much each event moves the films of a slate: its share of all that events gave and took, by item. */
export function shares(slate: Slate): Map<string, number> {
  const moved = new Map<string, number>();
  let all = 0;
  for (const { reasons } of slate.items) {
    for (const reason of reasons ?? []) {
      if (reason.kind !== 'event') continue;
      moved.set(reason.item, (moved.get(reason.item) ?? 0) + Math.abs(reason.weight));
      all += Math.abs(reason.weight);
    }
  }
  return new Map([...moved].map(([item, weight]) => [item, all > 0 ? weight / all : 0]));
}

/** Shows the last films under the switch, oldest first; `moved`: how many films the newest one changed, or null. */
export function showTrail(slate: Slate, items: readonly string[], moved: number | null, acts: Acts): void {
  const trail = byId('trail'), share = shares(slate), last = items.filter((item) => share.has(item)).slice(-SHOWN);
  trail.hidden = slate.model !== 'gru' || last.length === 0;
  if (trail.hidden) return;
  const highest = Math.max(...last.map((item) => share.get(item) ?? 0), 1e-9);
  byId('trail-note').textContent = [t('trail.note'), moved === null ? '' : t('trail.moved', { n: moved, of: slate.items.length })].join(' ').trim();
  const list = byId('trail-films');
  list.replaceChildren(...last.map((item) => {
    const film = acts.film(item), percent = Math.round(100 * (share.get(item) ?? 0)), bar = h('i', {});
    bar.style.height = `${Math.max(4, (100 * (share.get(item) ?? 0)) / highest).toFixed(0)}%`;
    return h('li', { 'data-film': item }, h('span', { class: 'hidden' }, t('trail.share', { film: film.title, share: percent })),
      h('span', { class: 'trail-bar', 'aria-hidden': 'true' }, bar), h('span', { class: 'trail-share', 'aria-hidden': 'true' }, `${percent} %`),
      h('span', { 'aria-hidden': 'true', title: film.title }, cover(film)));
  }));
  list.scrollLeft = list.scrollWidth;          // on a narrow screen the newest is the one to see
}
