// store.ts - the profile at rest: which sealed records are written, when, and what happens when that fails.
//
// A record is a sealed list of events. track() writes one small record; when many have come together they are merged into
// blocks. What is at rest never depends on what another tab has in memory: a tab only adds records, or rewrites under the
// lock what it has just read. Tabs that hear a note read what is new; their order is the order of the records' keys.
// All operations of one tab run one after another (#queue). The first write that fails ends storage for this session:
// the events stay in memory, the app is told, and what was saved before stays as it is.

import type { Retention, StorageState } from './api.js';
import type { Backend, StoredRecord } from './backend.js';
import { isObject, newId, retention, storedEvent, type StoredEvent } from './check.js';
import type { Sealer } from './seal.js';
import { mergeRecords } from './store_merge.js';
import type { Guard } from './store_open.js';

const MERGE_AT = 128;               // small records before they are merged
const SMALL = 8;                    // events in a small record at most

export interface Settings { readonly paused: boolean; readonly retention: Required<Retention> }
export const SETTINGS: Settings = { paused: false, retention: { days: null, events: null } };

/** What the recommender must know of. */
export interface StoreListener {
  state(state: StorageState): void;
  /** Events that another tab added. */
  added(events: readonly StoredEvent[]): void;
  /** All events after another tab took some away, with the settings. */
  rewritten(events: readonly StoredEvent[], settings: Settings): void;
}

interface Waiting { readonly event: StoredEvent; readonly done: (saved: boolean) => void }

export class ProfileStore {
  #backend: Backend | null;
  #sealer: Sealer;
  #guard: Guard | null;
  #state: StorageState;
  #listener: StoreListener | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting: Waiting[] = [];
  readonly #unsaved = new Set<string>();
  #last = 0;
  #small = 0;
  readonly #keys = new Map<string, number>();       // event -> record

  constructor(state: StorageState, backend: Backend | null, sealer: Sealer, guard: Guard | null) {
    this.#state = state;
    this.#backend = backend;
    this.#sealer = sealer;
    this.#guard = guard;
  }

  get state(): StorageState { return this.#state; }

  /** Where an event stands in the common order; Infinity while it is not at rest. */
  keyOf(id: string): number { return this.#keys.get(id) ?? Infinity; }

  /** Whether an event was tracked here and is not at rest yet. */
  isWaiting(id: string): boolean { return this.#unsaved.has(id); }

  listen(listener: StoreListener): void {
    this.#listener = listener;
    this.#backend?.listen((note) => {
      void this.#run(async (backend) => {
        if (note === 'append') listener.added(await this.#readNew(backend));
        else await this.#reread(backend);
      }, undefined);
    });
  }

  /** Runs after everything before; a failure ends storage and gives `otherwise`. */
  #run<T>(work: (backend: Backend) => Promise<T>, otherwise: T): Promise<T> {
    const mine = this.#queue.then(async () => {
      if (this.#backend === null) return otherwise;
      try {
        return await work(this.#backend);
      } catch (error) {
        this.#degrade(error);
        return otherwise;
      }
    });
    this.#queue = mine;
    return mine;
  }

  #degrade(error: unknown): void {
    const name = isObject(error) || error instanceof Error ? (error as { name?: unknown }).name : '';
    this.#backend?.close();
    this.#backend = null;
    this.#set({ kind: 'memory', sealed: false, reason: name === 'QuotaExceededError' ? 'quota' : 'failed', setAside: this.#state.setAside });
  }

  #set(state: StorageState): void {
    this.#state = state;
    this.#listener?.state(state);
  }

  // ---------------------------------------------------------------- reading

  /** All events at rest, in order, with the settings. Records that cannot be read are set aside. */
  load(): Promise<{ events: readonly StoredEvent[]; settings: Settings }> {
    return this.#run(async (backend) => {
      const events = await this.#readAll(backend), settings = await this.#readSettings(backend);
      if (this.#small >= MERGE_AT) await this.#merge(backend);
      return { events, settings };
    }, { events: [], settings: SETTINGS });
  }

  async #readAll(backend: Backend): Promise<StoredEvent[]> {
    this.#keys.clear();
    this.#last = this.#small = 0;
    return this.#readNew(backend);
  }

  /** Events of records that this tab has not read, each event once. */
  async #readNew(backend: Backend): Promise<StoredEvent[]> {
    const records = await backend.load(this.#last), out: StoredEvent[] = [], broken: StoredRecord[] = [];
    const opened = await Promise.all(records.map((record) => this.#open(record)));
    records.forEach((record, i) => {
      const events = opened[i];
      if (events == null) return void broken.push(record);
      this.#last = Math.max(this.#last, record.key);
      if (events.length <= SMALL) this.#small++;
      for (const event of events) {
        if (!this.#keys.has(event.id)) out.push(event);
        this.#keys.set(event.id, record.key);
      }
    });
    if (broken.length > 0) {
      await backend.setAside(broken);
      this.#set({ ...this.#state, setAside: this.#state.setAside + broken.length });
    }
    return out;
  }

  /** The events of a record, or null when it cannot be read. */
  async #open(record: StoredRecord): Promise<StoredEvent[] | null> {
    try {
      const value = await this.#sealer.open(record.id, record.bytes);
      return Array.isArray(value) ? value.map(storedEvent) : null;
    } catch {
      return null;
    }
  }

  async #reread(backend: Backend): Promise<void> {
    await this.#refresh();
    const events = await this.#readAll(backend);
    this.#listener?.rewritten(events, await this.#readSettings(backend));
  }

  /** After another tab erased the profile there is a new vault. */
  async #refresh(): Promise<void> {
    if (this.#guard !== null) this.#sealer = await this.#guard.renew();
  }

  // ---------------------------------------------------------------- writing

  /** Writes an event; true once it is at rest. */
  append(event: StoredEvent): Promise<boolean> {
    if (this.#backend === null) return Promise.resolve(false);
    return new Promise((done) => {
      this.#unsaved.add(event.id);
      this.#waiting.push({ event, done });
      if (this.#waiting.length > 1) return;
      void this.#run((backend) => this.#flush(backend).then(() => true), false).then((stored) => {
        if (!stored) for (const waiting of this.#waiting.splice(0)) waiting.done(false);
      });
    });
  }

  /** Everything that waits becomes one record: sealed first, then one short put. */
  async #flush(backend: Backend): Promise<void> {
    const batch = this.#waiting.splice(0);
    if (batch.length === 0) return;
    try {
      await this.#write(backend, batch.map(({ event }) => event));
    } catch (error) {
      this.#waiting.unshift(...batch);                  // told false once the state says why
      throw error;
    }
    for (const { event, done } of batch) {
      this.#unsaved.delete(event.id);
      done(true);
    }
    if (this.#small >= 2 * MERGE_AT) await this.#merge(backend);
  }

  async #write(backend: Backend, events: readonly StoredEvent[]): Promise<void> {
    const id = newId();
    let key = await backend.append(id, await this.#sealer.seal(id, events), this.#epoch);
    while (key === null) {                              // another tab erased the profile
      await this.#refresh();
      key = await backend.append(id, await this.#sealer.seal(id, events), this.#epoch);
    }
    for (const event of events) this.#keys.set(event.id, key);
    if (key === this.#last + 1) {
      this.#last = key;
      this.#small++;
    } else {                                            // another tab wrote in between
      const foreign = await this.#readNew(backend);
      if (foreign.length > 0) this.#listener?.added(foreign);
    }
    backend.announce('append');
  }

  get #epoch(): string { return this.#guard?.epoch ?? ''; }

  /** Takes events away. */
  remove(ids: readonly string[]): Promise<boolean> {
    const gone = new Set(ids);
    if (gone.size === 0) return Promise.resolve(true);
    return this.#run(async (backend) => {
      await backend.exclusive(async () => {
        const drop: number[] = [], put: StoredRecord[] = [];
        for (const record of await backend.load(0)) {
          const events = await this.#open(record), kept = events?.filter((event) => !gone.has(event.id));
          if (!events || !kept || kept.length === events.length) continue;
          if (kept.length === 0) drop.push(record.key);
          else put.push({ key: record.key, id: record.id, bytes: await this.#sealer.seal(record.id, kept) });
        }
        await backend.rewrite(drop, put);
      });
      for (const id of gone) this.#keys.delete(id);
      backend.announce('rewrite');
      return true;
    }, false);
  }

  /** Small records become blocks. */
  async #merge(backend: Backend): Promise<void> {
    const moved = await backend.exclusive(() => mergeRecords(backend, this.#sealer, (record) => this.#open(record)));
    for (const [id, key] of moved) this.#keys.set(id, key);
    this.#small = 0;
  }

  /** Forgets everything at rest, with the key. */
  erase(): Promise<boolean> {
    return this.#run(async (backend) => {
      await backend.exclusive(() => backend.erase());
      await this.#refresh();
      this.#keys.clear();
      this.#last = this.#small = 0;
      backend.announce('rewrite');
      this.#set({ ...this.#state, setAside: 0 });
      return true;
    }, false);
  }

  // --------------------------------------------------------------- settings

  async #readSettings(backend: Backend): Promise<Settings> {
    const bytes = await backend.settings();
    if (bytes === undefined) return SETTINGS;
    try {
      const value = await this.#sealer.open('settings', bytes);
      if (!isObject(value)) return SETTINGS;
      const { days = null, events = null } = retention(value['retention']);
      return { paused: value['paused'] === true, retention: { days, events } };
    } catch {
      return SETTINGS;
    }
  }

  saveSettings(settings: Settings): Promise<boolean> {
    return this.#run(async (backend) => {
      await backend.setSettings(await this.#sealer.seal('settings', settings));
      backend.announce('rewrite');
      return true;
    }, false);
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#queue;
    this.#backend?.close();
    this.#backend = null;
  }
}
