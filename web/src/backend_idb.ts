// backend_idb.ts - records in IndexedDB: one database a profile, named inkling/v1/<profile>.
//   records  auto-increment key -> { id, bytes }      the order of writing over all tabs
//   meta     'vault', 'settings'
//   aside    what could not be read: single records, or a whole profile with its vault
// Every operation is one transaction that awaits nothing from outside: a transaction does not survive that.

import { prefix, type Backend, type Note, type StoredRecord, type Vault } from './backend.js';

type Mode = 'readonly' | 'readwrite';
type Request<T> = IDBRequest<T>;

const result = <T>(request: Request<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error ?? new Error('IndexedDB refused'));
});

function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('records', { autoIncrement: true });
    request.result.createObjectStore('meta');
    request.result.createObjectStore('aside', { autoIncrement: true });
  };
  return result(request);
}

export class IdbBackend implements Backend {
  readonly kind = 'indexeddb';
  readonly #db: IDBDatabase;
  readonly #name: string;
  readonly #channel: BroadcastChannel | null;

  private constructor(db: IDBDatabase, name: string) {
    this.#db = db;
    this.#name = name;
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
    db.onversionchange = () => db.close();
  }

  static async open(profile: string): Promise<IdbBackend> {
    return new IdbBackend(await openDatabase(prefix(profile)), prefix(profile));
  }

  /** One transaction; resolves when it is at rest. */
  #transact<T>(stores: string[], mode: Mode, run: (stores: IDBObjectStore[]) => Promise<T> | T): Promise<T> {
    const transaction = this.#db.transaction(stores, mode, { durability: 'strict' });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
    });
    const value = Promise.resolve(run(stores.map((name) => transaction.objectStore(name))));
    value.catch(() => undefined);                       // when both fail, the transaction knows why (a full quota)
    return done.then(() => value);
  }

  vault(): Promise<Vault | null> {
    return this.#transact(['meta'], 'readonly', async ([meta]) => (await result(meta!.get('vault')) as Vault | undefined) ?? null);
  }

  adopt(vault: Vault): Promise<Vault> {
    return this.#transact(['meta'], 'readwrite', async ([meta]) => {
      const there = await result(meta!.get('vault')) as Vault | undefined;
      if (there === undefined) meta!.put(vault, 'vault');
      return there ?? vault;
    });
  }

  load(after: number): Promise<StoredRecord[]> {
    return this.#transact(['records'], 'readonly', async ([records]) => {
      const range = IDBKeyRange.lowerBound(after, true);
      const [keys, values] = await Promise.all([result(records!.getAllKeys(range)), result(records!.getAll(range))]);
      return keys.map((key, i) => {
        const value: unknown = values[i];
        const { id, bytes } = (typeof value === 'object' && value !== null ? value : {}) as Partial<StoredRecord>;
        return { key: Number(key), id: typeof id === 'string' ? id : '', bytes: bytes instanceof Uint8Array ? bytes : new Uint8Array() };
      });
    });
  }

  append(id: string, bytes: Uint8Array, epoch: string): Promise<number | null> {
    return this.#transact(['meta', 'records'], 'readwrite', async ([meta, records]) => {
      const vault = await result(meta!.get('vault')) as Vault | undefined;
      return vault?.epoch === epoch ? Number(await result(records!.add({ id, bytes }))) : null;
    });
  }

  rewrite(remove: readonly number[], put: readonly StoredRecord[]): Promise<void> {
    return this.#transact(['records'], 'readwrite', ([records]) => {
      for (const key of remove) records!.delete(key);
      for (const { key, id, bytes } of put) records!.put({ id, bytes }, key);
    });
  }

  setAside(records: readonly StoredRecord[]): Promise<void> {
    return this.#transact(['records', 'aside'], 'readwrite', ([from, aside]) => {
      for (const { key, id, bytes } of records) {
        aside!.add({ id, bytes });
        from!.delete(key);
      }
    });
  }

  retire(): Promise<number> {
    return this.#transact(['records', 'meta', 'aside'], 'readwrite', async ([records, meta, aside]) => {
      const [values, vault] = await Promise.all([result(records!.getAll()), result(meta!.get('vault'))]);
      aside!.add({ vault, records: values });
      records!.clear();
      meta!.clear();
      return values.length;
    });
  }

  async settings(): Promise<Uint8Array | undefined> {
    const value: unknown = await this.#transact(['meta'], 'readonly', ([meta]) => result(meta!.get('settings')));
    return value instanceof Uint8Array ? value : undefined;
  }

  setSettings(bytes: Uint8Array): Promise<void> {
    return this.#transact(['meta'], 'readwrite', ([meta]) => { meta!.put(bytes, 'settings'); });
  }

  erase(): Promise<void> {
    return this.#transact(['records', 'meta', 'aside'], 'readwrite', (stores) => { for (const store of stores) store.clear(); });
  }

  exclusive<T>(run: () => Promise<T>): Promise<T> {
    const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
    return locks ? locks.request(this.#name, run) as Promise<T> : run();
  }

  announce(note: Note): void { this.#channel?.postMessage(note); }

  listen(listener: (note: Note) => void): void {
    if (!this.#channel) return;
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data === 'append' || data === 'rewrite') listener(data);
    };
  }

  close(): void {
    this.#channel?.close();
    this.#db.close();
  }
}
