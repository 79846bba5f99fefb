// check.ts - the door: arguments, imported profiles and messages are looked at here, once; inside, types are trusted.
// A refusal says what was wrong, the value, and what is allowed. Bytes of packs are the core's to judge, not ours.

import type { EventInput, ItemsQuery, Limits, Request, Retention } from './api.js';
import { refuse } from './errors.js';

const KIND = /^[a-z0-9_-]{1,32}$/;
const PROFILE = /^[a-z0-9_-]{1,64}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
export const DAY = 86_400_000;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An event whose every field is present. */
export type Event = Required<Omit<EventInput, 'time'>> & { readonly time: number };
/** The same with its name. */
export type StoredEvent = Event & { readonly id: string };

function text(what: string, value: unknown, low: number, high: number): string {
  if (typeof value !== 'string' || value.length < low || (value.length * 3 > high && new TextEncoder().encode(value).length > high) || LONE_SURROGATE.test(value)) {
    throw refuse(what, value, `${low} to ${high} bytes of valid text`);
  }
  return value;
}

export function itemId(value: unknown): string { return text('item', value, 1, 1024); }

export function whole(what: string, value: unknown, low: number, high: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
    throw refuse(what, value, `a whole number, ${low} to ${high}`);
  }
  return value;
}

/** Milliseconds since 1970 of a number or Date; `fallback` where nothing was given. */
export function time(what: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms !== 'number' || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) throw refuse(what, value, 'milliseconds since 1970, or a Date');
  return Math.trunc(ms);
}

export function event(value: unknown, now: number): Event {
  if (!isObject(value)) throw refuse('event', value, 'an object with kind and item');
  const { kind, item, value: amount = 1, slate = '' } = value;
  if (typeof kind !== 'string' || !KIND.test(kind)) throw refuse('kind', kind, '1 to 32 of [a-z0-9_-]');
  if (typeof amount !== 'number' || !Number.isFinite(Math.fround(amount))) throw refuse('value', amount, 'a finite number');
  return { kind, item: itemId(item), value: amount, time: time('time', value['time'], now), slate: text('slate', slate, 0, 64) };
}

/** A list of ids. */
export function ids(what: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw refuse(what, value, 'an array of item ids');
  for (const id of value) text(`an id of ${what}`, id, 0, Infinity);
  return value as readonly string[];
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

function flag(what: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw refuse(what, value, 'true or false');
  return value;
}

function properties(value: unknown): readonly string[] | true | undefined {
  if (value === undefined || value === true) return value;
  if (!Array.isArray(value) || value.some((name) => typeof name !== 'string')) throw refuse('properties', value, 'true, or an array of column names');
  return value as readonly string[];
}

function seed(value: unknown): bigint {
  if (value === undefined) return 0n;
  if (typeof value === 'bigint' && value >= 0n && value < 2n ** 64n) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw refuse('seed', value, 'a whole number, 0 to 2^64 - 1');
}

/** A request whose every field was looked at. */
export interface Checked {
  readonly count: number;
  readonly model: string | undefined;
  readonly fallback: boolean;
  readonly withSeen: boolean;
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[] | undefined;
  readonly explain: boolean | 'terms';
  readonly reasons: number;
  readonly properties: readonly string[] | true | undefined;
  readonly now: number;
  readonly seed: bigint;
  readonly rows: number;
  readonly events: readonly Event[] | undefined;
}

export function request(value: Request | undefined, limits: Required<Limits>): Checked {
  if (value !== undefined && !isObject(value)) throw refuse('request', value, 'an object');
  const given: Record<string, unknown> = { ...value };
  const now = time('now', given['now'], Date.now());
  const { budget, events } = given;
  if (budget !== undefined && !isObject(budget)) throw refuse('budget', budget, 'an object with rows');
  if (events !== undefined && !Array.isArray(events)) throw refuse('events', events, 'an array of events');
  return {
    count: optional(given['count'], (v) => whole('count', v, 1, limits.count)) ?? Math.min(10, limits.count),
    model: optional(given['model'], (v) => text('model', v, 1, 64)),
    fallback: flag('fallback', given['fallback'], true),
    withSeen: flag('withSeen', given['withSeen'], false),
    allow: optional(given['allow'], (v) => ids('allow', v)),
    deny: optional(given['deny'], (v) => ids('deny', v)),
    explain: given['explain'] === 'terms' ? 'terms' : flag('explain', given['explain'], false),
    reasons: optional(given['reasons'], (v) => whole('reasons', v, 1, limits.reasons)) ?? 0,
    properties: properties(given['properties']),
    now,
    seed: seed(given['seed']),
    rows: budget === undefined ? 0 : whole('budget.rows', budget['rows'], 1, 0xffff_ffff),
    events: optional(events, (v) => (v as unknown[]).map((one) => event(one, now))),
  };
}

export function itemsQuery(value: ItemsQuery | undefined, nItems: number): { ids: readonly string[] | undefined; first: number; count: number; properties: readonly string[] | true } {
  if (value !== undefined && !isObject(value)) throw refuse('query', value, 'an object');
  const given: Record<string, unknown> = { ...value };
  return {
    ids: optional(given['ids'], (v) => ids('ids', v)),
    first: optional(given['first'], (v) => whole('first', v, 0, 0xffff_ffff)) ?? 0,
    count: optional(given['count'], (v) => whole('count', v, 0, 0xffff_ffff)) ?? nItems,
    properties: properties(given['properties']) ?? true,
  };
}

export function limits(value: unknown): Required<Limits> {
  if (value !== undefined && !isObject(value)) throw refuse('limits', value, 'an object');
  const given: Record<string, unknown> = { ...value };
  const read = (name: string, fallback: number, high: number): number => optional(given[name], (v) => whole(`limits.${name}`, v, 1, high)) ?? fallback;
  return { events: read('events', 2000, 100_000), count: read('count', 100, 1_000_000), reasons: read('reasons', 8, 4096) };
}

export function retention(value: unknown): Retention {
  if (!isObject(value)) throw refuse('retention', value, 'an object with days, events, or both');
  const { days, events } = value;
  if (days !== undefined && days !== null && !(typeof days === 'number' && days > 0 && days <= 36_500)) throw refuse('days', days, 'above 0, at most 36500, or null');
  if (events !== undefined && events !== null) whole('events', events, 1, 100_000);
  return value as Retention;
}

/** What to forget, its time as a number. */
export function forget(value: unknown): { item: string } | { event: string } | { before: number } {
  if (isObject(value)) {
    if ('item' in value) return { item: itemId(value['item']) };
    if ('event' in value) return { event: text('event', value['event'], 1, 64) };
    if ('before' in value) return { before: time('before', value['before'] ?? null, 0) };
  }
  throw refuse('what to forget', value, '{ item }, { event } or { before }');
}

export function profileName(value: unknown): string {
  if (typeof value !== 'string' || !PROFILE.test(value)) throw refuse('profile', value, '1 to 64 of [a-z0-9_-], or null');
  return value;
}

/** A stored or imported event, with its name. */
export function storedEvent(value: unknown): StoredEvent {
  const id = isObject(value) ? value['id'] : undefined;
  const read = event(value, NaN);
  if (!Number.isFinite(read.time)) throw refuse('time', undefined, 'milliseconds since 1970');
  return { id: text('id of an event', id, 1, 64), ...read };
}

/** The events of an export; ids are unique. */
export function profileExport(value: unknown): readonly StoredEvent[] {
  if (!isObject(value) || value['format'] !== 'inkling-profile') throw refuse('profile', value, 'what profile.export() gives (format "inkling-profile")');
  if (value['version'] !== 1) throw refuse('version of the profile', value['version'], '1; a newer one needs a newer inkling');
  if (!Array.isArray(value['events'])) throw refuse('events of the profile', value['events'], 'an array');
  const byId = new Map<string, StoredEvent>();
  for (const one of value['events']) {
    const read = storedEvent(one);
    byId.set(read.id, read);
  }
  return [...byId.values()];
}

/** A new name for an event or slate: 72 random bits. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_');
}
