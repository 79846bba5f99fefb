// source.ts - bytes from outside: the pack and the core's own file, over the network, from the Cache API, or from disk.
// The only fetch of the package is here, for a URL that the caller gave (or the .wasm beside this file), while opening.

import type { Progress } from './api.js';
import { InklingError, refuse, wrap } from './errors.js';
import { readFileUrl } from '#platform';

const CACHE = 'inkling/v1/packs';
const INTEGRITY = 'x-inkling-integrity';

export interface SourceOptions {
  readonly integrity: string | undefined;
  readonly cache: 'auto' | 'first' | 'none';
  readonly maxBytes: number;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A file on its way. */
export interface Incoming {
  readonly from: 'network' | 'cache';
  /** Bytes to come; 0 when nobody says. */
  readonly total: number;
  readonly body: Response | Uint8Array;
}

/** An absolute URL of what the caller gave; relative ones stand on the page. */
export function absolute(url: string | URL): URL {
  if (url instanceof URL) return url;
  const base = typeof location === 'undefined' ? undefined : location.href;
  try {
    return new URL(url, base);
  } catch {
    throw refuse('URL', url, base === undefined ? 'an absolute URL, e.g. new URL(\'./movies.safetensors\', import.meta.url)' : 'a URL');
  }
}

/** The one fetch. @throws InklingError FETCH, ABORTED */
export async function request(url: URL, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw new InklingError('ABORTED', `opening ${url.href} was aborted`, { cause: error });
    throw wrap(error, 'FETCH', `${url.href} could not be fetched`);
  }
  if (!response.ok) throw new InklingError('FETCH', `${url.href} answered ${response.status} ${response.statusText}`.trimEnd());
  return response;
}

/** The pack from the network, or from disk for a `file:` URL. */
export async function fromNetwork(url: URL, options: SourceOptions): Promise<Incoming> {
  if (url.protocol === 'file:') return fromFile(url);
  const response = await request(url, options.signal);
  const length = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length') ?? 0);
  if (length > options.maxBytes) {
    await response.body?.cancel();
    throw tooLarge(length, options.maxBytes);
  }
  return { from: 'network', total: length, body: response };
}

async function fromFile(url: URL): Promise<Incoming> {
  const body = await fileBytes(url);
  return { from: 'network', total: body.length, body };
}

/** Bytes of a `file:` URL. @throws InklingError FETCH */
export async function fileBytes(url: URL): Promise<Uint8Array> {
  try {
    return await readFileUrl(url);
  } catch (error) {
    throw wrap(error, 'FETCH', `${url.href} could not be read`);
  }
}

function tooLarge(bytes: number, max: number): InklingError {
  return new InklingError('TOO_LARGE', `the pack has at least ${bytes} bytes; maxBytes is ${max}`);
}

/** Reads it to the end, chunk by chunk, within the cap. @throws InklingError TOO_LARGE, FETCH, ABORTED */
export async function read(incoming: Incoming, options: SourceOptions, write: (chunk: Uint8Array) => void): Promise<void> {
  let loaded = 0;
  const take = (chunk: Uint8Array): void => {
    loaded += chunk.length;
    if (loaded > options.maxBytes) throw tooLarge(loaded, options.maxBytes);
    write(chunk);
    options.onProgress?.({ loaded, total: incoming.total, from: incoming.from });
  };
  if (incoming.body instanceof Uint8Array) return take(incoming.body);
  const reader = incoming.body.body?.getReader();
  if (!reader) return take(new Uint8Array(await incoming.body.arrayBuffer()));
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      take(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (options.signal?.aborted) throw new InklingError('ABORTED', 'the download was aborted', { cause: error });
    throw wrap(error, 'FETCH', 'the download broke off');
  }
}

/** Compares with 'sha256-' and base64. @throws InklingError INTEGRITY */
export async function checkIntegrity(bytes: Uint8Array<ArrayBuffer>, integrity: string): Promise<void> {
  if (globalThis.crypto?.subtle === undefined) throw new InklingError('INTEGRITY', 'integrity needs a secure context (https or localhost)');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const got = `sha256-${btoa(String.fromCharCode(...digest))}`;
  if (got !== integrity) throw new InklingError('INTEGRITY', `the pack's digest is ${got}; expected ${integrity}`);
}

// ------------------------------------------------------------------ Cache API

function cacheable(url: URL, options: SourceOptions): boolean {
  return options.cache !== 'none' && url.protocol.startsWith('http') && typeof caches !== 'undefined';
}

/** A copy kept earlier, or null. With `integrity` only a copy of just that digest. */
export async function fromCache(url: URL, options: SourceOptions): Promise<Incoming | null> {
  if (!cacheable(url, options)) return null;
  try {
    const response = await (await caches.open(CACHE)).match(url);
    if (!response || (options.integrity !== undefined && response.headers.get(INTEGRITY) !== options.integrity)) return null;
    return { from: 'cache', total: Number(response.headers.get('content-length') ?? 0), body: response };
  } catch {
    return null;
  }
}

/** Keeps a pack that passed every check. A cache that is full or forbidden is no failure. */
export async function keep(url: URL, options: SourceOptions, copy: () => Uint8Array<ArrayBuffer>): Promise<void> {
  if (!cacheable(url, options)) return;
  const bytes = copy();
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length), [INTEGRITY]: options.integrity ?? '' };
  try {
    await (await caches.open(CACHE)).put(url, new Response(bytes, { headers }));
  } catch {
    // no cache: the next visit fetches again
  }
}

/** Lets go of a copy that turned out to be unusable. */
export async function drop(url: URL): Promise<void> {
  await caches.open(CACHE).then((cache) => cache.delete(url)).catch(() => false);
}
