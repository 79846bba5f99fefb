// check.test.mjs - the door, with the largest value that passes beside the smallest that does not.
import { test } from 'node:test';
import * as check from '../dist/check.js';
import { equal, fails, ok, same } from './assert.mjs';

const LIMITS = { events: 10, count: 100, reasons: 8 };
const event = (more) => check.event({ kind: 'like', item: 'a', ...more }, 5);

test('an event is completed', () => {
  same(event({}), { kind: 'like', item: 'a', value: 1, time: 5, slate: '' });
  equal(event({ time: new Date(7) }).time, 7);
  equal(event({ time: 7.9 }).time, 7);
  equal(event({ value: 0 }).value, 0);
});

test('lengths count bytes', async () => {
  equal(event({ item: 'é'.repeat(512) }).item.length, 512);
  await fails('ARG', () => event({ item: 'é'.repeat(513) }));
  equal(event({ slate: 'x'.repeat(64) }).slate.length, 64);
  await fails('ARG', () => event({ slate: 'x'.repeat(65) }));
  equal(event({ kind: 'k'.repeat(32) }).kind.length, 32);
  await fails('ARG', () => event({ kind: 'k'.repeat(33) }));
});

test('times', async () => {
  equal(event({ time: -8.64e15 }).time, -8.64e15);
  for (const time of [8.64e15 + 1, NaN, '2020', null, new Date('x')]) await fails('ARG', () => event({ time }));
});

test('a request has its defaults', () => {
  const request = check.request(undefined, LIMITS);
  equal(request.count, 10);
  equal(request.seed, 0n);
  equal(request.allow, undefined);
  ok(Math.abs(request.now - Date.now()) < 1000);
  equal(check.request({}, { ...LIMITS, count: 4 }).count, 4);
  equal(check.request({ seed: 2n ** 64n - 1n }, LIMITS).seed, 2n ** 64n - 1n);
});

test('seeds', async () => {
  for (const seed of [2n ** 64n, -1, 0.5, 2 ** 53, '1']) await fails('ARG', () => check.request({ seed }, LIMITS));
});

test('limits', async () => {
  same(check.limits(undefined), { events: 2000, count: 100, reasons: 8 });
  equal(check.limits({ events: 100_000 }).events, 100_000);
  await fails('ARG', () => check.limits({ events: 100_001 }));
  await fails('ARG', () => check.limits({ count: '5' }));
});

test('an export is read, doubles once', async () => {
  const one = { id: 'x', kind: 'like', item: 'a', value: 1, time: 5, slate: '' };
  const file = { format: 'inkling-profile', version: 1, events: [one, { ...one }] };
  equal(check.profileExport(file).length, 1);
  await fails('ARG', () => check.profileExport({ ...file, events: [{ ...one, time: undefined }] }));
  await fails('ARG', () => check.profileExport({ ...file, events: [{ ...one, id: '' }] }));
  await fails('ARG', () => check.profileExport([]));
});

test('a refusal shows the value, shortened', async () => {
  const error = await fails('ARG', () => event({ item: 'y'.repeat(5000) }));
  ok(error.message.length < 200, error.message);
});

test('names of events do not repeat', () => {
  const names = new Set(Array.from({ length: 10_000 }, () => check.newId()));
  equal(names.size, 10_000);
  for (const name of names) ok(/^[\w-]{12}$/.test(name), name);
});
