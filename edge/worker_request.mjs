// worker_request.mjs - the body of a request, checked member by member: what request_read.c does for the
// WASI command, for runtimes that speak JavaScript. openapi.yaml is the contract of both; codes and
// sentences are the same. One thing differs: JSON.parse cannot tell a duplicate key, the last one counts.

export const LIMITS = Object.freeze({ bytes: 1 << 20, events: 2000, count: 1000, reasons: 64 });

/** Why a request was refused: an HTTP status, a code for programs, a sentence for people. */
export class Refusal extends Error {
  constructor(http, code, message) {
    super(message);
    this.http = http;
    this.code = code;
  }
}

const badValue = (place, allowed) => new Refusal(400, 'REQUEST_VALUE', `${place}: allowed is ${allowed}`);
const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
const isWhole = (v, low, high) => Number.isSafeInteger(v) && v >= low && v <= high;
const KIND = /^[a-z0-9_-]{1,32}$/;
const utf8 = new TextEncoder();

function whole(place, v, low, high) {
  if (!isWhole(v, low, high)) throw badValue(place, `a whole number from ${low} to ${high}`);
  return v;
}
function flag(place, v) {
  if (typeof v !== 'boolean') throw badValue(place, 'true or false');
  return v;
}
/** Text of so many bytes; a lone surrogate is no text. */
function isText(v, low, high) {
  return typeof v === 'string' && !/\p{Surrogate}/u.test(v) && v.length >= low && utf8.encode(v).length <= high;
}

// ------------------------------------------------------------------- events

const EVENT_READERS = {
  item: (place, v) => { if (!isText(v, 1, 1024)) throw new Refusal(400, 'EVENT', `${place}.item: allowed are 1 to 1024 bytes of text`); return v; },
  kind: (place, v) => { if (typeof v !== 'string' || !KIND.test(v)) throw new Refusal(400, 'EVENT', `${place}.kind: allowed are 1 to 32 of [a-z0-9_-]`); return v; },
  slate: (place, v) => { if (!isText(v, 0, 64)) throw new Refusal(400, 'EVENT', `${place}.slate: allowed are at most 64 bytes of text`); return v; },
  value: (place, v) => { if (typeof v !== 'number' || !Number.isFinite(Math.fround(v))) throw badValue(`${place}.value`, 'a finite number'); return v; },
  time: (place, v) => { if (!Number.isSafeInteger(v)) throw new Refusal(400, 'REQUEST_VALUE', `${place}.time: allowed are whole milliseconds since 1970`); return v; },
};

function readEvent(v, i) {
  const place = `events[${i}]`;
  if (!isObject(v)) throw badValue(place, 'an object with item, kind, value, time, slate');
  const event = { kind: 'view', value: 1, slate: '' };
  for (const [key, value] of Object.entries(v)) {
    if (!Object.hasOwn(EVENT_READERS, key)) {
      throw new Refusal(400, 'REQUEST_KEY', `${place}.${key.slice(0, 40)}: unknown; an event has item, kind, value, time, slate`);
    }
    event[key] = EVENT_READERS[key](place, value);
  }
  if (event.item === undefined) throw new Refusal(400, 'REQUEST_MISSING', `${place}.item is missing`);
  return event;
}

// ------------------------------------------------------------------ members

function ids(place, v) {
  if (!Array.isArray(v)) throw badValue(place, 'an array of item ids');
  v.forEach((id, i) => { if (typeof id !== 'string' || id === '') throw new Refusal(400, 'REQUEST_VALUE', `${place}[${i}]: allowed is an item id, a string`); });
  return v;
}

function budget(v) {
  if (!isObject(v) || Object.keys(v).join() !== 'rows' || !isWhole(v.rows, 1, 0xffff_ffff)) throw badValue('budget', '{"rows": a whole number from 1}');
  return v;
}

function events(v) {
  if (!Array.isArray(v)) throw badValue('events', 'an array of events');
  if (v.length > LIMITS.events) throw badValue('events', `at most ${LIMITS.events} events`);
  return v.map(readEvent);
}

function properties(v, pack) {
  if (v === true) return v;
  if (!Array.isArray(v) || v.length > 64 || v.some((name) => typeof name !== 'string')) throw badValue('properties', 'true, or an array of at most 64 column names');
  for (const name of v) {
    if (!Object.hasOwn(pack.columns, name)) throw new Refusal(400, 'REQUEST_VALUE', `properties: the pack has no column "${name.slice(0, 60)}"`);
  }
  return v;
}

function model(v, pack) {
  if (typeof v !== 'string') throw badValue('model', 'the name of a family of the pack');
  if (!pack.models.includes(v)) throw new Refusal(400, 'UNKNOWN_FAMILY', `model: the pack has no family "${v.slice(0, 40)}"`);
  return v;
}

const READERS = {
  events,
  model,
  properties,
  budget,
  fallback: (v) => flag('fallback', v),
  explain: (v) => { if (typeof v !== 'boolean' && v !== 'terms') throw badValue('explain', 'true, false or "terms"'); return v; },
  withSeen: (v) => flag('withSeen', v),
  count: (v) => whole('count', v, 1, LIMITS.count),
  reasons: (v) => whole('reasons', v, 1, LIMITS.reasons),
  seed: (v) => { if (!isWhole(v, 0, Number.MAX_SAFE_INTEGER)) throw badValue('seed', 'a whole number from 0 to 2^53 - 1'); return v; },
  now: (v) => { if (!Number.isSafeInteger(v)) throw badValue('now', 'whole milliseconds since 1970'); return v; },
  allow: (v) => ids('allow', v),
  deny: (v) => ids('deny', v),
  item: (v) => { if (typeof v !== 'string' || v === '') throw badValue('item', 'an item id, a string'); return v; },
  items: (v) => { if (!Array.isArray(v) || v.length < 1 || v.length > LIMITS.count) throw badValue('items', `an array of 1 to ${LIMITS.count} item ids`); return ids('items', v); },
};

const PERSON = ['events', 'model', 'fallback', 'explain', 'reasons', 'seed', 'now'];
const SCAN = ['count', 'allow', 'deny', 'budget'];
const MEMBERS = {
  recommend: new Set([...PERSON, ...SCAN, 'withSeen', 'properties']),
  similar: new Set([...SCAN, 'item', 'model', 'properties']),
  rank: new Set([...PERSON, 'items', 'properties']),
};
const REQUIRED = { recommend: null, similar: 'item', rank: 'items' };

/** `now` is what the request says, else the time of its newest event, else 0: the answer depends on nothing else. */
function settleTimes(request) {
  const list = request.events ?? [];
  const now = request.now ?? list.reduce((newest, { time = 0 }) => Math.max(newest, time), 0);
  return { ...request, now, events: list.map((event) => ({ ...event, time: event.time ?? now })) };
}

/**
 * A body as a request of the package, every member checked.
 * @param body parsed JSON
 * @param asks 'recommend', 'similar' or 'rank'
 * @param pack what the recommender says of its pack (families, columns)
 * @throws Refusal REQUEST_VALUE, REQUEST_KEY, REQUEST_MISSING, EVENT, UNKNOWN_FAMILY
 */
export function readRequest(body, asks, pack) {
  if (!isObject(body)) throw badValue('the body', 'a JSON object');
  const request = {};
  for (const [key, value] of Object.entries(body)) {
    if (!MEMBERS[asks].has(key)) throw new Refusal(400, 'REQUEST_KEY', `${key.slice(0, 60)}: this path knows no such member`);
    request[key] = READERS[key](value, pack);
  }
  const required = REQUIRED[asks];
  if (required && request[required] === undefined) throw new Refusal(400, 'REQUEST_MISSING', `${required} is missing`);
  return settleTimes(request);
}
