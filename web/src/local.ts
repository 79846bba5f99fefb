// local.ts - the recommender of open(): the synchronous one, with a profile that rests in a store and is shared by tabs.
// Memory leads: a change counts at once and is written afterwards. Another tab's events are laid where the common order
// wants them, so that all tabs that have heard of the same events answer with the same bits.

import type {
  Forget, ImportOptions, Item, ItemsQuery, PackInfo, Profile, ProfileReport, Recommender, RecommenderEvents, Request, Retention,
  Slate, SlateItem, StorageState, Tracked, TrackOptions,
} from './api.js';
import * as check from './check.js';
import type { StoredEvent } from './check.js';
import { InklingError } from './errors.js';
import { Listeners } from './listeners.js';
import type { CoreRecommender } from './recommender.js';
import { SETTINGS, type ProfileStore, type Settings } from './store.js';

export class LocalRecommender implements Recommender {
  readonly pack: PackInfo;
  readonly profile: Profile;
  readonly #core: CoreRecommender;
  readonly #store: ProfileStore;
  readonly #listeners = new Listeners();
  #settings: Settings = SETTINGS;

  private constructor(core: CoreRecommender, store: ProfileStore) {
    this.pack = core.pack;
    this.#core = core;
    this.#store = store;
    this.profile = {
      inspect: async () => this.#inspect(),
      export: async () => this.#core.export(),
      import: (value: unknown, options?: ImportOptions) => this.#import(value, options),
      forget: (what: Forget) => this.#forget(what),
      erase: () => this.#erase(),
      retention: (limits: Retention) => this.#retention(limits),
      pause: () => this.#pause(true),
      resume: () => this.#pause(false),
    };
  }

  /** Loads what is at rest into the core and listens to the other tabs. */
  static async open(core: CoreRecommender, store: ProfileStore): Promise<LocalRecommender> {
    const self = new LocalRecommender(core, store);
    const { events, settings } = await store.load();
    self.#settings = settings;
    self.#replace(events);
    store.listen({
      state: (state) => self.#listeners.emit('storage', state),
      added: (foreign) => self.#added(foreign),
      rewritten: (all, now) => self.#rewritten(all, now),
    });
    await self.#retain();
    return self;
  }

  get storage(): StorageState { return this.#store.state; }

  // ---------------------------------------------------------------- events

  track(kind: string, item: string, options: TrackOptions = {}): Tracked {
    return this.trackNamed({ id: check.newId(), ...check.event({ ...options, kind, item }, Date.now()) });
  }

  /** The same for an event that has its name. */
  trackNamed(event: StoredEvent): Tracked {
    if (this.#core.closed) throw new InklingError('CLOSED', 'this recommender was closed');
    if (this.#settings.paused) return { id: null, saved: Promise.resolve(false) };
    const gone = this.#core.add(event);
    const saved = this.#store.append(event);
    void this.#store.remove(gone);
    void this.#retain();
    this.#changed('this');
    return { id: event.id, saved };
  }

  get paused(): boolean { return this.#settings.paused; }

  #changed(by: 'this' | 'other'): void {
    this.#listeners.emit('profile', { by, events: this.#core.closed ? 0 : this.#core.count, paused: this.paused });
  }

  /** Sets the core's profile; what does not fit its limits goes, oldest first. */
  #replace(events: readonly StoredEvent[]): void { void this.#store.remove(this.#core.replace(events)); }

  #added(foreign: readonly StoredEvent[]): void {
    const fresh = foreign.filter(({ id }) => !this.#core.has(id));
    if (this.#core.closed || fresh.length === 0) return;
    const all = [...this.#core.events(), ...fresh];
    const ordered = [...all].sort((a, b) => compare(this.#store.keyOf(a.id), this.#store.keyOf(b.id)));
    if (ordered.every((event, i) => event === all[i])) void this.#store.remove(fresh.flatMap((event) => this.#core.add(event)));
    else this.#replace(ordered);
    this.#changed('other');
  }

  #rewritten(all: readonly StoredEvent[], settings: Settings): void {
    if (this.#core.closed) return;
    this.#settings = settings;
    const waiting = this.#core.events().filter(({ id }) => this.#store.isWaiting(id));
    this.#replace([...all, ...waiting]);
    this.#changed('other');
  }

  // --------------------------------------------------------------- requests

  async recommend(request?: Request): Promise<Slate> { return this.#core.recommend(request); }
  async similarItems(item: string, request?: Request): Promise<Slate> { return this.#core.similarItems(item, request); }
  async rank(items: readonly string[], request?: Request): Promise<Slate> { return this.#core.rank(items, request); }
  async explain(item: string, request?: Request): Promise<SlateItem> { return this.#core.explain(item, request); }
  async items(query?: ItemsQuery): Promise<readonly Item[]> { return this.#core.items(query); }

  // ---------------------------------------------------------------- profile

  #inspect(): ProfileReport {
    const { paused, retention } = this.#settings;
    return { ...this.#core.inspect(), paused, retention, storage: this.storage };
  }

  async #import(value: unknown, options?: ImportOptions): Promise<number> {
    const events = check.profileExport(value), merge = options?.merge === true;
    const before = merge ? [] : this.#core.events().map(({ id }) => id);
    const fresh = merge ? events.filter(({ id }) => !this.#core.has(id)) : events;
    this.#core.take(fresh, merge);
    const removed = this.#store.remove(before);
    await Promise.all([removed, ...fresh.map((event) => this.#store.append(event))]);
    await this.#retain();
    this.#changed('this');
    return fresh.length;
  }

  async #forget(what: Forget): Promise<number> {
    const gone = this.#core.forget(what);
    if (gone.length > 0) this.#changed('this');
    await this.#store.remove(gone);
    return gone.length;
  }

  async #erase(): Promise<void> {
    this.#core.replace([]);
    this.#settings = SETTINGS;
    this.#changed('this');
    await this.#store.erase();
  }

  async #retention(limits: Retention): Promise<number> {
    const { days = this.#settings.retention.days, events = this.#settings.retention.events } = check.retention(limits);
    this.#settings = { ...this.#settings, retention: { days, events } };
    await this.#store.saveSettings(this.#settings);
    return this.#retain();
  }

  /** Applies the limits; gives the number of events that went. */
  async #retain(): Promise<number> {
    const { days, events } = this.#settings.retention;
    if (days === null && events === null) return 0;
    const gone = this.#core.retain(days === null ? null : Math.floor(Date.now() - days * check.DAY), events ?? 0);
    if (gone.length === 0) return 0;
    this.#changed('this');
    await this.#store.remove(gone);
    return gone.length;
  }

  async #pause(paused: boolean): Promise<void> {
    this.#settings = { ...this.#settings, paused };
    this.#changed('this');
    await this.#store.saveSettings(this.#settings);
  }

  // ------------------------------------------------------------------- life

  on<K extends keyof RecommenderEvents>(event: K, listener: (value: RecommenderEvents[K]) => void): () => void {
    return this.#listeners.on(event, listener);
  }

  async close(): Promise<void> {
    this.#core.close();
    await this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> { return this.close(); }
}

function compare(a: number, b: number): number { return a === b ? 0 : a < b ? -1 : 1; }
