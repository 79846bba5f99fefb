// recommender.ts - the synchronous recommender: strings in, plain objects out. Every mode stands on it: openSync gives it
// as it is, local.ts adds storage around it, worker.ts runs it elsewhere. Events have stable names (`id`); the core
// numbers them (`seq`), and the two maps here know which is which.

import type {
  Forget, ImportOptions, Item, ItemsQuery, Limits, PackInfo, Properties, ProfileEvent, ProfileExport, Reason, Request,
  Slate, SlateItem, SyncProfile, SyncRecommender, TrackOptions,
} from './api.js';
import { NONE, REASON } from './bindings.gen.js';
import * as check from './check.js';
import type { Checked, Event, StoredEvent } from './check.js';
import type { Engine, JournalEvent, Question, RawItem, RawReason, RawSlate } from './engine.js';
import { InklingError, refuse } from './errors.js';

const PLAIN_REASONS: Readonly<Record<number, 'base' | 'person' | 'rest'>> = { [REASON.BASE]: 'base', [REASON.PERSON]: 'person', [REASON.REST]: 'rest' };

export class CoreRecommender implements SyncRecommender {
  readonly pack: PackInfo;
  readonly profile: SyncProfile;
  readonly limits: Required<Limits>;
  #engine: Engine | null;
  readonly #ids = new Map<number, string>();
  readonly #seqs = new Map<string, number>();

  constructor(engine: Engine, limits: Required<Limits>) {
    this.#engine = engine;
    this.pack = engine.info;
    this.limits = limits;
    this.profile = {
      inspect: () => this.inspect(),
      export: () => this.export(),
      import: (value: unknown, options?: ImportOptions) => this.take(check.profileExport(value), options?.merge === true),
      forget: (what: Forget) => this.forget(what).length,
      erase: () => void this.replace([]),
    };
  }

  get #core(): Engine {
    if (this.#engine === null) throw new InklingError('CLOSED', 'this recommender was closed');
    return this.#engine;
  }

  get closed(): boolean { return this.#engine === null; }

  close(): void { this.#engine = null; }
  [Symbol.dispose](): void { this.close(); }

  // ---------------------------------------------------------------- profile

  track(kind: string, item: string, options: TrackOptions = {}): string {
    const id = check.newId();
    this.add({ id, ...check.event({ ...options, kind, item }, Date.now()) });
    return id;
  }

  /** Appends an event. Gives the ids of those that had to go because the journal was full. */
  add(event: StoredEvent): readonly string[] {
    if (this.#seqs.has(event.id)) return [];
    const report = this.#core.track(event);
    this.#name(report.nextSeq - 1, event.id);
    return report.dropped > 0 ? this.#prune() : [];
  }

  has(id: string): boolean { return this.#seqs.has(id); }

  #name(seq: number, id: string): void {
    this.#ids.set(seq, id);
    this.#seqs.set(id, seq);
  }

  /** Lets go of the names of events that the core no longer has, and gives them. */
  #prune(): readonly string[] {
    const live = new Set(this.#core.events().map((event) => event.seq)), gone: string[] = [];
    for (const [seq, id] of this.#ids) if (!live.has(seq)) gone.push(id);
    for (const id of gone) {
      this.#ids.delete(this.#seqs.get(id) ?? NONE);
      this.#seqs.delete(id);
    }
    return gone;
  }

  /** Every event by name, in the order of arrival. */
  events(): StoredEvent[] {
    return this.#core.events().map(({ seq, ...event }) => ({ id: this.#ids.get(seq) ?? String(seq), ...event }));
  }

  inspect(): { events: readonly ProfileEvent[]; known: number } {
    const known = (event: JournalEvent): boolean => this.#core.pack.find(event.item) !== NONE;
    const events = this.#core.events().map((event) => ({
      id: this.#ids.get(event.seq) ?? String(event.seq), kind: event.kind, item: event.item, value: event.value,
      time: event.time, slate: event.slate, known: known(event),
    }));
    return { events, known: this.#core.report().known };
  }

  export(): ProfileExport {
    return { format: 'inkling-profile', version: 1, events: this.events() };
  }

  /** Takes events in, beside those that are there or instead of them. Gives how many are new. */
  take(events: readonly StoredEvent[], merge: boolean): number {
    if (!merge) this.replace([]);
    let n = 0;
    for (const event of events) {
      if (this.#seqs.has(event.id)) continue;
      this.add(event);
      n++;
    }
    return n;
  }

  /** Sets the whole profile. Gives the ids of events that found no room. */
  replace(events: readonly StoredEvent[]): readonly string[] {
    this.#core.erase();
    this.#ids.clear();
    this.#seqs.clear();
    return events.flatMap((event) => this.add(event));
  }

  /** Forgets; gives the ids of the events that went. */
  forget(what: Forget): readonly string[] {
    const read = check.forget(what);
    if ('item' in read) this.#core.forgetItem(read.item);
    else if ('before' in read) this.#core.retain(read.before, 0);
    else {
      const seq = this.#seqs.get(read.event);
      if (seq === undefined) throw new InklingError('NOT_FOUND', `the profile has no event ${JSON.stringify(read.event)}`);
      this.#core.forgetEvent(seq);
    }
    return this.#prune();
  }

  /** Keeps events from `notBefore` on (null: all), of these the newest `events` (0: all). Gives the ids that went. */
  retain(notBefore: number | null, events: number): readonly string[] {
    return this.#core.retain(notBefore, events).dropped > 0 ? this.#prune() : [];
  }

  get count(): number { return this.#core.report().events; }

  // --------------------------------------------------------------- requests

  recommend(request?: Request): Slate { return this.#answer({ ask: 'recommend' }, request); }

  similarItems(item: string, request?: Request): Slate { return this.#answer({ ask: 'similar', item: this.#item(item) }, request); }

  explain(item: string, request?: Request): SlateItem {
    const [only] = this.#answer({ ask: 'explain', item: this.#item(item) }, { ...request, explain: request?.explain === 'terms' ? 'terms' : true }).items;
    if (only === undefined) throw new InklingError('NOT_FOUND', `no model of this pack can score ${JSON.stringify(item)}`);
    return only;
  }

  rank(items: readonly string[], request?: Request): Slate {
    const wanted = [...new Set(check.ids('items', items))];
    if (wanted.length > this.limits.count) throw refuse('items', items, `at most ${this.limits.count} (limits.count)`);
    const found = wanted.map((id) => this.#core.pack.find(id));
    return this.#answer({ ask: 'rank', items: found.filter((i) => i !== NONE) }, { count: Math.max(1, wanted.length), ...request },
      wanted.filter((_, i) => found[i] === NONE));
  }

  #item(id: string): number {
    const item = this.#core.pack.find(check.itemId(id));
    if (item === NONE) throw new InklingError('UNKNOWN_ITEM', `the pack has no item ${JSON.stringify(id)}`);
    return item;
  }

  #answer(question: Question, given: Request | undefined, unknown: readonly string[] = []): Slate {
    const start = performance.now(), core = this.#core;
    const request = check.request(given, this.limits);
    const columns = this.#columns(request.properties);
    const known = (ids: readonly string[]): number[] => ids.map((id) => core.pack.find(id)).filter((i) => i !== NONE);
    const allow = request.allow && known(request.allow), deny = known(request.deny ?? []);
    const nothing = question.ask === 'rank' && question.items.length === 0;
    const [raw, names] = nothing ? [{ items: [], complete: true, rows: 0 }, this.#ids]
      : this.#withEvents(request.events, (ids) => [this.#ask(question, request, allow, deny), ids] as const);
    const items = raw.items.map((item, position) => this.#slateItem(item, position, request, columns, names));
    return { id: check.newId(), items, model: items[0]?.model ?? null, complete: raw.complete, rows: raw.rows, unknown, ms: performance.now() - start };
  }

  #ask(question: Question, request: Checked, allow: readonly number[] | undefined, deny: readonly number[]): RawSlate {
    try {
      return this.#core.ask(question, request, allow, deny);
    } catch (error) {
      if (request.fallback || !(error instanceof InklingError) || error.code !== 'NOT_FOUND') throw error;
      throw new InklingError('NOT_FOUND', `${request.model ?? 'the first model'} alone cannot answer for this history, and fallback is false`);
    }
  }

  /** Runs `use` with a profile of the given events, if there are any; the person's own comes back afterwards. */
  #withEvents<T>(events: readonly Event[] | undefined, use: (names: ReadonlyMap<number, string>) => T): T {
    if (events === undefined) return use(this.#ids);
    const core = this.#core, names = new Map<number, string>();
    const own = core.report().events > 0 ? core.image() : null;
    try {
      core.erase();
      events.forEach((event, i) => names.set(core.track(event).nextSeq - 1, String(i)));
      return use(names);
    } finally {
      if (own === null) core.erase();
      else core.load(own);
    }
  }

  #columns(properties: Checked['properties']): readonly string[] | null {
    if (properties === undefined) return null;
    const pack = this.#core.pack;
    if (properties === true) return pack.columnNames;
    for (const name of properties) if (!pack.hasColumn(name)) throw refuse('a column of properties', name, pack.columnNames.join(', ') || 'none; this pack has no columns');
    return properties;
  }

  #properties(item: number, columns: readonly string[]): Properties {
    return Object.fromEntries(columns.map((name) => [name, this.#core.pack.property(name, item)]));
  }

  #slateItem(raw: RawItem, position: number, request: Checked, columns: readonly string[] | null, names: ReadonlyMap<number, string>): SlateItem {
    const core = this.#core;
    return {
      id: core.pack.id(raw.item), score: raw.score, position, model: core.modelName(raw.family),
      ...(request.explain ? { reasons: raw.reasons.map((reason) => this.#reason(reason, raw.family, names)) } : {}),
      ...(columns ? { properties: this.#properties(raw.item, columns) } : {}),
    };
  }

  #reason({ kind, item, event, weight }: RawReason, family: number, names: ReadonlyMap<number, string>): Reason {
    if (kind === REASON.EVENT) return { kind: 'event', item: this.#core.pack.id(item), event: names.get(event) ?? String(event), weight };
    if (kind === REASON.TERM) return { kind: 'term', term: this.#core.term(family, event), weight };
    if (kind === REASON.OTHERS) return { kind: 'others', count: event, weight };
    return { kind: PLAIN_REASONS[kind] ?? 'rest', weight };
  }

  items(query?: ItemsQuery): readonly Item[] {
    const core = this.#core, n = this.pack.items;
    const { ids, first, count, properties } = check.itemsQuery(query, n);
    const columns = this.#columns(properties) ?? [];
    const wanted = ids?.map((id) => core.pack.find(id)).filter((i) => i !== NONE).slice(first, first + count)
      ?? Array.from({ length: Math.max(0, Math.min(count, n - first)) }, (_, i) => first + i);
    return wanted.map((item) => ({ id: core.pack.id(item), properties: this.#properties(item, columns) }));
  }
}
