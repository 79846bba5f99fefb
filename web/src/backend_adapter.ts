// backend_adapter.ts - records in a place that the app supplies: get, put and delete of bytes by name, e.g. files.
//   inkling/v1/<profile>/vault, settings      JSON with base64; sealed JSON
//   inkling/v1/<profile>/first                the lowest record number in use
//   inkling/v1/<profile>/record/<n>           id, line feed, bytes; empty: a record that is gone
//   inkling/v1/<profile>/aside, aside/<n>      how many could not be read, and those
// There is no listing and no transaction, so records are numbered without holes, and every order of writes leaves,
// when it breaks off, either the old state or the same events twice (store.ts drops doubles by their names).

import type { StorageAdapter } from './api.js';
import { prefix, type Backend, type Note, type StoredRecord, type Vault } from './backend.js';
import { isObject } from './check.js';

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const fromUtf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Turns of those who share an adapter that has no lock of its own. */
const turns = new WeakMap<StorageAdapter, Promise<unknown>>();

export class AdapterBackend implements Backend {
  readonly kind = 'custom';
  readonly #adapter: StorageAdapter;
  readonly #base: string;
  #last = 0;

  constructor(adapter: StorageAdapter, profile: string) {
    this.#adapter = adapter;
    this.#base = prefix(profile);
  }

  #get(name: string): Promise<Uint8Array | undefined> { return this.#adapter.get(`${this.#base}/${name}`); }
  #put(name: string, bytes: Uint8Array): Promise<void> { return this.#adapter.put(`${this.#base}/${name}`, bytes); }
  #delete(name: string): Promise<void> { return this.#adapter.delete(`${this.#base}/${name}`); }

  async vault(): Promise<Vault | null> {
    const bytes = await this.#get('vault');
    if (bytes === undefined) return null;
    const value: unknown = JSON.parse(fromUtf8(bytes));
    if (!isObject(value) || typeof value['epoch'] !== 'string' || typeof value['check'] !== 'string') throw new Error('the vault is damaged');
    const { epoch, check, salt } = value;
    return { epoch, check: fromBase64(check), ...(typeof salt === 'string' ? { salt: fromBase64(salt) } : {}) };
  }

  adopt({ epoch, check, salt }: Vault): Promise<Vault> {
    return this.exclusive(async () => {
      const there = await this.vault();
      if (there !== null) return there;
      await this.#put('vault', utf8(JSON.stringify({ epoch, check: toBase64(check), ...(salt ? { salt: toBase64(salt) } : {}) })));
      return { epoch, check, ...(salt ? { salt } : {}) };
    });
  }

  async #number(name: string, fallback: number): Promise<number> {
    const bytes = await this.#get(name);
    const n = bytes === undefined ? fallback : Number(fromUtf8(bytes));
    return Number.isSafeInteger(n) && n > 0 ? n : fallback;
  }

  #first(): Promise<number> { return this.#number('first', 1); }

  async load(after: number): Promise<StoredRecord[]> {
    const out: StoredRecord[] = [];
    for (let key = Math.max(await this.#first(), after + 1); ; key++) {
      const bytes = await this.#get(`record/${key}`);
      if (bytes === undefined) return out;
      this.#last = Math.max(this.#last, key);
      const end = bytes.indexOf(10);
      if (bytes.length > 0) out.push({ key, id: fromUtf8(bytes.subarray(0, Math.max(0, end))), bytes: bytes.slice(end + 1) });
    }
  }

  append(id: string, bytes: Uint8Array, epoch: string): Promise<number | null> {
    return this.exclusive(async () => {
      if ((await this.vault())?.epoch !== epoch) return null;
      let key = Math.max(this.#last, await this.#first() - 1) + 1;
      while (await this.#get(`record/${key}`) !== undefined) key++;
      await this.#record({ key, id, bytes });
      return (this.#last = key);
    });
  }

  #record({ key, id, bytes }: StoredRecord): Promise<void> {
    const head = utf8(`${id}\n`), out = new Uint8Array(head.length + bytes.length);
    out.set(head);
    out.set(bytes, head.length);
    return this.#put(`record/${key}`, out);
  }

  async rewrite(remove: readonly number[], put: readonly StoredRecord[]): Promise<void> {
    for (const record of put) await this.#record(record);
    for (const key of remove) await this.#put(`record/${key}`, new Uint8Array());
    const old = await this.#first();
    let first = old;
    while (first < this.#last && (await this.#get(`record/${first}`))?.length === 0) first++;
    if (first === old) return;
    await this.#put('first', utf8(String(first)));
    for (let key = old; key < first; key++) await this.#delete(`record/${key}`);
  }

  async setAside(records: readonly StoredRecord[]): Promise<void> {
    let n = await this.#number('aside', 0);
    for (const { bytes } of records) await this.#put(`aside/${++n}`, bytes);
    await this.#put('aside', utf8(String(n)));
    await this.rewrite(records.map(({ key }) => key), []);
  }

  settings(): Promise<Uint8Array | undefined> { return this.#get('settings'); }
  setSettings(bytes: Uint8Array): Promise<void> { return this.#put('settings', bytes); }

  // Record numbers go on rising, so that a process that has not heard of it cannot mistake a new record for an old one.
  async erase(): Promise<void> {
    await this.load(0);
    const next = this.#last + 1, first = await this.#first();
    for (let n = await this.#number('aside', 0); n > 0; n--) await this.#delete(`aside/${n}`);
    for (const name of ['vault', 'settings', 'aside']) await this.#delete(name);
    await this.#put('first', utf8(String(next)));
    for (let key = first; key < next; key++) await this.#delete(`record/${key}`);
  }

  exclusive<T>(run: () => Promise<T>): Promise<T> {
    const lock = this.#adapter.lock;
    if (lock !== undefined) return lock.call(this.#adapter, this.#base, run) as Promise<T>;
    const mine = (turns.get(this.#adapter) ?? Promise.resolve()).then(run);
    turns.set(this.#adapter, mine.catch(() => undefined));
    return mine;
  }

  announce(_note: Note): void { /* an adapter has nobody to tell */ }
  listen(_listener: (note: Note) => void): void { /* nor to hear */ }
  close(): void { /* the app's */ }
}
