// seal.test.mjs - what makes a profile unreadable at rest.
import { test } from 'node:test';
import { deviceKey, passphraseKey, sealer, tryKey, unsealed } from '../dist/seal.js';
import { equal, fails, ok, same } from './assert.mjs';

const VALUE = [{ id: 'e1', item: 'film-12345', kind: 'like' }];
const refuses = async (run) => { try { await run(); } catch { return; } throw new Error('was opened'); };

test('what was sealed opens again, and only there', async () => {
  const key = await deviceKey(), seal = sealer(key, 'anna');
  const bytes = await seal.seal('r1', VALUE);
  same(await seal.open('r1', bytes), VALUE);
  await refuses(() => seal.open('r2', bytes));
  await refuses(() => sealer(key, 'bert').open('r1', bytes));
  await refuses(() => deviceKey().then((other) => sealer(other, 'anna').open('r1', bytes)));
});

test('every flipped bit is noticed', async () => {
  const seal = sealer(await deviceKey(), 'anna'), bytes = await seal.seal('r1', VALUE);
  for (let i = 0; i < bytes.length; i += 7) {
    const bad = bytes.slice();
    bad[i] ^= 1 << (i % 8);
    await refuses(() => seal.open('r1', bad));
  }
  for (const n of [0, 11, 12, 27, bytes.length - 1]) await refuses(() => seal.open('r1', bytes.slice(0, n)));
});

test('nothing shows: no id, no equal bytes, no telling length', async () => {
  const seal = sealer(await deviceKey(), 'anna');
  const a = await seal.seal('r1', VALUE), b = await seal.seal('r1', VALUE);
  ok(!Buffer.from(a).includes('film-12345'));
  ok(!Buffer.from(a).subarray(0, 12).equals(Buffer.from(b).subarray(0, 12)), 'the nonce repeats');
  equal(a.length, (await seal.seal('r1', [{ id: 'e1', item: 'film-1', kind: 'view' }])).length);
  equal((a.length - 28) % 64, 0);
});

test('the device key cannot be taken out', async () => {
  const key = await deviceKey();
  equal(key.extractable, false);
  await refuses(() => crypto.subtle.exportKey('raw', key));
});

test('a passphrase and its salt give the key again', async () => {
  const salt = new Uint8Array(16).fill(3);
  const bytes = await sealer(await passphraseKey('horse', salt), 'p').seal('r', VALUE);
  same(await sealer(await passphraseKey('horse', salt), 'p').open('r', bytes), VALUE);
  await refuses(async () => sealer(await passphraseKey('cow', salt), 'p').open('r', bytes));
  await refuses(async () => sealer(await passphraseKey('horse', new Uint8Array(16)), 'p').open('r', bytes));
});

test('a key for something else is refused', async () => {
  const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  await fails('KEY', () => tryKey(hmac));
  await fails('KEY', async () => tryKey(await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt'])));
});

test('unsealed is plain and says so', async () => {
  equal(unsealed.sealed, false);
  same(await unsealed.open('any', await unsealed.seal('r', VALUE)), VALUE);
});
