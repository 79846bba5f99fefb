// search.ts - the search box: a combobox after the ARIA authoring practices. Focus stays in the box; the list is walked with
// the arrow keys, Enter takes the marked film, Escape closes, then empties.

import { cover } from './cover.js';
import { byId, h, icon, say } from './dom.js';
import type { Catalogue, Film } from './films.js';
import { genreName, t } from './text.js';

const MOST = 7;

export function searchBox(films: Catalogue, opinionOf: (film: Film) => string | null, choose: (film: Film) => void): void {
  const box = byId<HTMLInputElement>('search'), list = byId('found');
  let found: readonly Film[] = [], marked = 0;

  const close = (): void => {
    list.hidden = true;
    box.setAttribute('aria-expanded', 'false');
    box.removeAttribute('aria-activedescendant');
  };
  const mark = (next: number): void => {
    marked = (next + found.length) % Math.max(1, found.length);
    for (const [i, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(i === marked));
    const option = list.children[marked];
    if (found.length === 0 || !option) return box.removeAttribute('aria-activedescendant');
    box.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  };
  const take = (film: Film | undefined): void => {
    if (!film) return;
    choose(film);
    box.value = '';
    close();
  };
  const option = (film: Film, i: number): HTMLElement => h('li', {
    id: `found-${i}`, role: 'option', 'aria-selected': 'false',
    onpointerdown: (event) => { event.preventDefault(); take(film); },
    onpointermove: () => { if (marked !== i) mark(i); },
  }, cover(film, false), h('span', { class: 'found-text' },
    h('b', {}, film.title), h('span', {}, [film.year, ...film.genres.slice(0, 3).map(genreName)].filter(Boolean).join(' · '))),
  h('span', { class: 'found-mark' }, opinionOf(film) === 'like' ? t('liked') : icon('heart')));

  const look = (): void => {
    found = films.find(box.value, MOST);
    list.replaceChildren(...found.map(option));
    if (found.length === 0 && box.value.trim() !== '') list.append(h('li', { class: 'found-none', role: 'option', 'aria-disabled': 'true' }, t('search.none')));
    const open = list.children.length > 0;
    list.hidden = !open;
    box.setAttribute('aria-expanded', String(open));
    mark(0);
    if (open) say(found.length === 0 ? t('search.none') : t('search.count', { n: found.length }));
  };

  box.addEventListener('input', look);
  box.addEventListener('focus', () => { if (box.value.trim() !== '') look(); });
  box.addEventListener('blur', close);
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !list.hidden) close();
    else if (event.key === 'Escape') box.value = '';
    else if (event.key === 'Enter' && !list.hidden) take(found[marked]);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (list.hidden) look();
      else mark(marked + (event.key === 'ArrowDown' ? 1 : -1));
    } else return;
    event.preventDefault();
  });
  box.disabled = false;
}
