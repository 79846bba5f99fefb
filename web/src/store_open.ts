// store_open.ts - finds the place of a profile and the key that seals it. What cannot be had is replaced by memory and
// told; a wrong key is an error and changes nothing.

import type { OpenOptions, StorageState } from './api.js';
import type { Backend, Vault } from './backend.js';
import { AdapterBackend } from './backend_adapter.js';
import { IdbBackend } from './backend_idb.js';
import { isObject, newId, profileName } from './check.js';
import { InklingError, refuse, wrap } from './errors.js';
import { canSeal, deviceKey, passphraseKey, sealer, tryKey, unsealed, wrongKey, type Sealer } from './seal.js';
import { ProfileStore } from './store.js';

type KeyOption = NonNullable<OpenOptions['key']>;

const memory = (reason?: StorageState['reason']): ProfileStore =>
  new ProfileStore({ kind: 'memory', sealed: false, setAside: 0, ...(reason ? { reason } : {}) }, null, unsealed, null);

/** Holds the vault of one profile, and makes a new one when the profile was erased. */
export class Guard {
  epoch = '';
  readonly #backend: Backend;
  readonly #profile: string;
  readonly #key: KeyOption;

  constructor(backend: Backend, profile: string, key: KeyOption) {
    this.#backend = backend;
    this.#profile = profile;
    this.#key = key;
  }

  /** Whether the key was made here, and not given by the app. */
  get own(): boolean { return this.#key === 'device'; }

  /** The sealer of the vault at rest; a vault is made where there is none. @throws InklingError KEY */
  async renew(): Promise<Sealer> {
    const there = await this.#backend.vault() ?? await this.#backend.adopt(await this.#make());
    const seal = await this.#sealer(there);
    try {
      await seal.open('check', there.check);
    } catch (error) {
      throw wrongKey(error);
    }
    this.epoch = there.epoch;
    return seal;
  }

  async #make(): Promise<Vault> {
    const draft = {
      epoch: newId(),
      ...(this.#key === 'device' ? { key: await deviceKey() } : {}),
      ...(isPassphrase(this.#key) ? { salt: crypto.getRandomValues(new Uint8Array(16)) } : {}),
    };
    const seal = await this.#sealer({ ...draft, check: new Uint8Array() });
    return { ...draft, check: await seal.seal('check', 'inkling') };
  }

  async #sealer(vault: Vault): Promise<Sealer> {
    const key = this.#key;
    if (key === 'none') return unsealed;
    if (key === 'device') {
      if (vault.key === undefined) throw wrongKey(undefined);
      return sealer(vault.key, this.#profile);
    }
    if (!isPassphrase(key)) return sealer(key, this.#profile);
    return sealer(await passphraseKey(key.passphrase, vault.salt ?? new Uint8Array(16)), this.#profile);
  }
}

function isPassphrase(key: KeyOption): key is { readonly passphrase: string } {
  return isObject(key) && 'passphrase' in key;
}

/** The store of a profile. @throws InklingError ARG, KEY; STORAGE only where a place was named */
export async function openStore(options: OpenOptions): Promise<ProfileStore> {
  const { storage = 'auto', profile = 'default' } = options;
  const adapter = typeof storage === 'object' && storage !== null ? storage : null;
  const key = options.key ?? (adapter ? undefined : 'device');
  if (storage !== 'auto' && storage !== 'indexeddb' && storage !== 'memory' && !adapter) throw refuse('storage', storage, '\'auto\', \'indexeddb\', \'memory\', or an adapter');
  if (profile !== null) profileName(profile);
  await checkKey(key, adapter !== null);
  if (profile === null || storage === 'memory') return memory();
  if (key !== 'none' && !canSeal()) return orThrow(storage, 'insecure', 'sealing needs a secure context (https or localhost)');
  if (!adapter && !hasDatabase()) return orThrow(storage, 'unavailable', 'there is no IndexedDB here');
  try {
    const backend = adapter ? new AdapterBackend(adapter, profile) : await IdbBackend.open(profile);
    const guard = new Guard(backend, profile, key ?? 'device');
    const { seal, setAside } = await unlock(backend, guard);
    return new ProfileStore({ kind: backend.kind, sealed: seal.sealed, setAside }, backend, seal, guard);
  } catch (error) {
    if (error instanceof InklingError && error.code === 'KEY') throw error;
    if (adapter) throw wrap(error, 'STORAGE', 'the storage adapter failed');
    return orThrow(storage, 'failed', error);
  }
}

// Where storage is forbidden (a sandboxed frame, a strict setting) the very name may throw.
function hasDatabase(): boolean {
  try {
    return typeof indexedDB !== 'undefined';
  } catch {
    return false;
  }
}

/** The sealer of the profile. A wrong key is the caller's to mend; a damaged vault of our own is moved aside with all of it. */
async function unlock(backend: Backend, guard: Guard): Promise<{ seal: Sealer; setAside: number }> {
  try {
    return { seal: await guard.renew(), setAside: 0 };
  } catch (error) {
    if (!guard.own || backend.retire === undefined) throw error;
    const setAside = await backend.retire();
    return { seal: await guard.renew(), setAside };
  }
}

function orThrow(storage: OpenOptions['storage'], reason: NonNullable<StorageState['reason']>, cause: unknown): ProfileStore {
  if (storage === 'auto' || storage === undefined) return memory(reason);
  throw wrap(cause instanceof Error ? cause : new Error(String(cause)), 'STORAGE', 'the profile cannot be stored');
}

async function checkKey(key: KeyOption | undefined, adapter: boolean): Promise<void> {
  if (key === undefined || (key === 'device' && adapter)) throw refuse('key', key, 'with an adapter: a CryptoKey, { passphrase } or \'none\'');
  if (key === 'device' || key === 'none') return;
  if (typeof CryptoKey !== 'undefined' && key instanceof CryptoKey) return tryKey(key);
  if (!isPassphrase(key) || typeof key.passphrase !== 'string' || key.passphrase.length < 1) throw refuse('key', typeof key, '\'device\', \'none\', a CryptoKey, or { passphrase }');
}
