// seal.ts - what makes a profile unreadable at rest: AES-GCM with a random 96-bit nonce for every record, bound by its
// additional data to the format's version, the profile and the record, so that no record can be moved or swapped.
//   sealed = nonce [12] | ciphertext | tag [16]
// The plain text is JSON, filled up with spaces to a multiple of 64 so that lengths say little.

import { InklingError, wrap } from './errors.js';

const BLOCK = 64;
const ROUNDS = 600_000;           // PBKDF2-HMAC-SHA256, OWASP's figure of 2023

export interface Sealer {
  readonly sealed: boolean;
  seal(record: string, value: unknown): Promise<Uint8Array<ArrayBuffer>>;
  /** @throws whatever: the bytes are damaged, of another record, or of another key */
  open(record: string, bytes: Uint8Array): Promise<unknown>;
}

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(value));
  const padded = new Uint8Array(Math.ceil(json.length / BLOCK) * BLOCK).fill(0x20);
  padded.set(json);
  return padded;
}

const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));

/** Seals under `key` for one profile. */
export function sealer(key: CryptoKey, profile: string): Sealer {
  const parameters = (record: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams => (
    { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`inkling/v1\0${profile}\0${record}`) });
  return {
    sealed: true,
    async seal(record, value) {
      const nonce = crypto.getRandomValues(new Uint8Array(12));
      const body = new Uint8Array(await crypto.subtle.encrypt(parameters(record, nonce), key, encode(value)));
      const out = new Uint8Array(12 + body.length);
      out.set(nonce);
      out.set(body, 12);
      return out;
    },
    async open(record, bytes) {
      const copy = new Uint8Array(bytes);
      return decode(new Uint8Array(await crypto.subtle.decrypt(parameters(record, copy.subarray(0, 12)), key, copy.subarray(12))));
    },
  };
}

/** key: 'none'. */
export const unsealed: Sealer = {
  sealed: false,
  seal: async (_record, value) => encode(value),
  open: async (_record, bytes) => decode(bytes),
};

/** A new key that no script can read. */
export function deviceKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** The key of a passphrase and a salt. */
export async function passphraseKey(passphrase: string, salt: Uint8Array): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', new TextEncoder().encode(passphrase), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(salt), iterations: ROUNDS }, base,
    { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** Refuses a key that cannot seal. */
export async function tryKey(key: CryptoKey): Promise<void> {
  try {
    const probe = sealer(key, '');
    await probe.open('', await probe.seal('', 0));
  } catch (error) {
    throw wrap(error, 'KEY', 'the key must be an AES-GCM CryptoKey for encrypt and decrypt');
  }
}

/** Whether this context may seal at all (https, localhost, Node). */
export function canSeal(): boolean { return globalThis.crypto?.subtle !== undefined; }

export function wrongKey(cause: unknown): InklingError {
  return new InklingError('KEY', 'the profile was sealed with another key or passphrase; nothing was changed', { cause });
}
