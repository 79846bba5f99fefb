// films.ts - the catalogue as the page shows it: titles as people write them, and a search that needs no server.

import type { Item, Property } from 'inkling';

export interface Film {
  readonly id: string;
  readonly title: string;
  /** The title without what stands in brackets behind it. */
  readonly short: string;
  readonly year: number | null;
  readonly genres: readonly string[];
}

/** "Matrix, The (Sequel)" is how catalogues sort; people say "The Matrix (Sequel)". */
export function titleOf(text: string): string {
  return text.replace(/^(.*?), (The|A|An|Le|La|Les|L'|Il|El|Los|Las|Der|Die|Das)(?= \(|$)/, (_, rest: string, article: string) => (
    article.endsWith('\'') ? article + rest : `${article} ${rest}`));
}

export function filmOf({ id, properties }: { readonly id: string; readonly properties?: Readonly<Record<string, Property>> }): Film {
  const { title, year, genres } = properties ?? {};
  const full = typeof title === 'string' ? titleOf(title) : id;
  return {
    id, title: full, short: full.replace(/ \(.*\)$/, ''), year: typeof year === 'number' && year > 0 ? year : null,
    genres: Array.isArray(genres) ? genres : [],
  };
}

const fold = (text: string): string => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();

export class Catalogue {
  readonly #films = new Map<string, Film>();
  readonly #search: { readonly film: Film; readonly text: string }[] = [];

  /** @param order ids, best known first: among equals, the better known film is offered first */
  constructor(items: readonly Item[], order: readonly string[]) {
    for (const item of items) this.#films.set(item.id, filmOf(item));
    const rest = new Set(this.#films.keys());
    for (const id of order) rest.delete(id);
    for (const id of [...order, ...rest]) {
      const film = this.#films.get(id);
      if (film) this.#search.push({ film, text: ` ${fold(film.title)} ${film.year ?? ''} ` });
    }
  }

  get size(): number { return this.#films.size; }

  /** A film by id; one that this pack has not is shown by its id. */
  film(id: string): Film { return this.#films.get(id) ?? { id, title: id, short: id, year: null, genres: [] }; }

  /** At most `count` films with every word of the query at the beginning of a word; titles that begin so come first. */
  find(query: string, count: number): readonly Film[] {
    const wanted = fold(query), words = wanted.split(' ').map((word) => ` ${word}`);
    if (wanted === '') return [];
    const first: Film[] = [], then: Film[] = [];
    for (const { film, text } of this.#search) {
      if (!words.every((word) => text.includes(word))) continue;
      (text.replace(/^ (the|a|an) /, ' ').startsWith(` ${wanted}`) || text.startsWith(` ${wanted}`) ? first : then).push(film);
      if (first.length >= count) break;
    }
    return [...first, ...then].slice(0, count);
  }
}

/** `count` well-known films of many kinds: no first genre twice before every other was seen, from the `turn`-th on. */
export function diverse(films: readonly Film[], count: number, turn: number): readonly Film[] {
  const shelves = new Map<string, Film[]>();
  for (const film of films) {
    const genre = leadGenre(film.genres);
    shelves.set(genre, [...(shelves.get(genre) ?? []), film]);
  }
  const out: Film[] = [];
  for (let round = 0; out.length < count * (turn + 1) && round < films.length; round++) {
    for (const shelf of shelves.values()) {
      const film = shelf[round];
      if (film) out.push(film);
    }
  }
  return out.slice(count * turn, count * (turn + 1));
}

// From the telling to the general: a film noir is a drama too, but a drama is seldom a film noir.
const TELLING = ['Film-Noir', 'Western', 'Documentary', 'Musical', 'Horror', 'War', 'Animation', 'Sci-Fi', 'Fantasy', 'Mystery',
  'Romance', 'Crime', 'Thriller', 'Adventure', 'Children', 'Comedy', 'Action', 'Drama'];

/** The genre that tells most of a film. */
export function leadGenre(genres: readonly string[]): string {
  const known = genres.map((genre) => TELLING.find((one) => one.toLowerCase() === genre.toLowerCase())).filter((one) => one !== undefined);
  return known.sort((a, b) => TELLING.indexOf(a) - TELLING.indexOf(b))[0] ?? 'Other';
}
