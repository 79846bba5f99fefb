// backend.ts - what a place for sealed records must offer; store.ts decides what is written there and when.
// Two places exist: backend_idb.ts (pages, workers) and backend_adapter.ts (what the app supplies).

/** A record at rest. Keys ascend in the order of writing, over all tabs. */
export interface StoredRecord { readonly key: number; readonly id: string; readonly bytes: Uint8Array }

/** How a profile is sealed: made once, erased with the profile. `epoch` names this making. */
export interface Vault {
  readonly epoch: string;
  /** The device's key; absent when the app supplies one. */
  readonly key?: CryptoKey;
  /** Salt of a passphrase. */
  readonly salt?: Uint8Array;
  /** A sealed word that tells a wrong key from damage. */
  readonly check: Uint8Array;
}

/** What one tab tells the others; never data. */
export type Note = 'append' | 'rewrite';

export interface Backend {
  readonly kind: 'indexeddb' | 'custom';
  /** The vault, or null. */
  vault(): Promise<Vault | null>;
  /** Puts `vault` unless there is one already; gives the one that is there. */
  adopt(vault: Vault): Promise<Vault>;
  /** Records with a key above `after`, ascending. */
  load(after: number): Promise<StoredRecord[]>;
  /** One short write. Gives the record's key, or null when the vault is no longer of `epoch` (erased in between). */
  append(id: string, bytes: Uint8Array, epoch: string): Promise<number | null>;
  /** Removes records and puts others under their keys, all or nothing where the place can. */
  rewrite(remove: readonly number[], put: readonly StoredRecord[]): Promise<void>;
  /** Moves records that cannot be read out of the way, under another name. */
  setAside(records: readonly StoredRecord[]): Promise<void>;
  /** Moves the whole profile aside, with a vault that is damaged; gives the number of records. Only where the key is here. */
  retire?(): Promise<number>;
  settings(): Promise<Uint8Array | undefined>;
  setSettings(bytes: Uint8Array): Promise<void>;
  /** Removes everything of this profile, vault and set-aside records too. */
  erase(): Promise<void>;
  /** Runs alone among all tabs and processes that know the same place. */
  exclusive<T>(run: () => Promise<T>): Promise<T>;
  announce(note: Note): void;
  listen(listener: (note: Note) => void): void;
  close(): void;
}

export const prefix = (profile: string): string => `inkling/v1/${profile}`;
