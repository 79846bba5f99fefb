// source.ts - bytes from outside: the pack and the core's own file, over the network, from the Cache API, or from disk.
// The only fetch of the package is here, for a URL that the caller gave (or the .wasm beside this file), while opening.
// A download that breaks is continued where it broke, if the server shows that it still has the same file; else begun anew.

import type { Progress } from './api.js';
import { InklingError, refuse, wrap } from './errors.js';
import { readFileUrl } from '#platform';

const CACHE = 'inkling/v1/packs';
const INTEGRITY = 'x-inkling-integrity';
const PAUSE = 250;                  // ms before the first new attempt; each further one waits twice as long

export interface SourceOptions {
  readonly integrity: string | undefined;
  readonly cache: 'auto' | 'first' | 'none';
  readonly maxBytes: number;
  readonly retries: number;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A file on its way. */
export interface Incoming {
  readonly from: 'network' | 'cache';
  /** Bytes to come; 0 when nobody says. */
  readonly total: number;
  readonly body: Response | Uint8Array;
  /** Where the rest is, should the body break off. */
  readonly url?: URL;
}

/** Where the bytes go. */
export interface Region {
  write(chunk: Uint8Array): void;
  /** Forgets what was written. */
  restart(): void;
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

/** The one fetch; `from`: the first byte that is wanted. @throws InklingError FETCH, ABORTED */
export async function request(url: URL, signal?: AbortSignal, from = 0): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...(signal ? { signal } : {}), ...(from > 0 ? { headers: { range: `bytes=${from}-` } } : {}) });
  } catch (error) {
    throw broken(url, error, signal);
  }
  if (response.ok && !/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return response;
  await response.body?.cancel();
  // A site's start page, a sign-in page, the page of a café's network: all come with 200.
  const what = response.ok ? 'with a page (text/html), not with the file' : `${response.status} ${response.statusText}`.trimEnd();
  throw new InklingError('FETCH', `${url.href} answered ${what}`);
}

/** A fetch or a body that failed, in words. */
export function broken(url: URL, error: unknown, signal?: AbortSignal): InklingError {
  if (signal?.aborted) return new InklingError('ABORTED', `opening ${url.href} was aborted`, { cause: error });
  return wrap(error, 'FETCH', `${url.href} could not be fetched`);
}

/** The pack from the network, or from disk for a `file:` URL. */
export async function fromNetwork(url: URL, options: SourceOptions): Promise<Incoming> {
  if (url.protocol === 'file:') return fromFile(url);
  const response = await request(url, options.signal), total = lengthOf(response);
  if (total > options.maxBytes) {
    await response.body?.cancel();
    throw tooLarge(total, options.maxBytes);
  }
  return { from: 'network', total, body: response, url };
}

/** Bytes to come, where that is told of the file itself and not of its compressed form. */
function lengthOf(response: Response): number {
  return response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length') ?? 0);
}

/** What shows that a file is the same: a strong ETag, else its date; '' when nothing does. */
function markOf(response: Response): string {
  const tag = response.headers.get('etag') ?? '';
  return tag.startsWith('"') ? tag : response.headers.get('last-modified') ?? '';
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
export async function read(incoming: Incoming, options: SourceOptions, region: Region): Promise<void> {
  const { body, from, url } = incoming, download = body instanceof Uint8Array ? null : new Download(body, incoming.total);
  let loaded = 0;
  const take = (chunk: Uint8Array): void => {
    loaded += chunk.length;
    if (loaded > options.maxBytes) throw tooLarge(loaded, options.maxBytes);
    region.write(chunk);
    options.onProgress?.({ loaded, total: download?.total ?? incoming.total, from });
  };
  if (download === null) return take(body as Uint8Array);
  for (let attempt = 0; ; attempt++) {
    try {
      if (attempt > 0 && !(await download.again(url as URL, loaded, options.signal))) {
        region.restart();
        loaded = 0;
      }
      await drain(download.answer, take);
      return download.checkWhole(loaded);
    } catch (error) {
      await download.answer.body?.cancel().catch(() => undefined);
      if (options.signal?.aborted) throw new InklingError('ABORTED', 'the download was aborted', { cause: error });
      if (!(error instanceof InklingError && error.code === 'FETCH')) throw error;
      if (url === undefined || attempt >= options.retries) throw new InklingError('FETCH', `the download broke off after ${loaded} bytes: ${error.message}`, { cause: error });
      await pause(PAUSE * 2 ** attempt, options.signal);
    }
  }
}

/** A file that comes by one answer, or by several when the first breaks off. */
class Download {
  answer: Response;
  total: number;
  #mark: string;

  constructor(first: Response, total: number) {
    this.answer = first;
    this.total = total;
    this.#mark = markOf(first);
  }

  /** Asks for what is behind byte `loaded`: true when it comes; false when the file comes from its start. */
  async again(url: URL, loaded: number, signal: AbortSignal | undefined): Promise<boolean> {
    const mark = this.#mark, from = mark !== '' && this.total > 0 ? loaded : 0;
    this.#mark = '';                                    // should this answer be of no use, the next attempt takes all
    this.answer = await request(url, signal, from);
    // Content-Range would say it too, but other origins hide it.
    const goesOn = this.answer.status === 206 && markOf(this.answer) === mark && lengthOf(this.answer) === this.total - from;
    if (!goesOn && this.answer.status === 206) throw new InklingError('FETCH', `${url.href} changed on its way`);
    if (!goesOn) this.total = lengthOf(this.answer);
    this.#mark = markOf(this.answer);
    return goesOn;
  }

  /** Not every engine minds a body that is too short; of another origin's the announced length may be the compressed one. */
  checkWhole(loaded: number): void {
    if (this.answer.type !== 'cors' && loaded < this.total) throw new InklingError('FETCH', `${this.total} bytes were announced`);
  }
}

async function drain(response: Response, take: (chunk: Uint8Array) => void): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return take(new Uint8Array(await response.arrayBuffer()));
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => { throw wrap(error, 'FETCH', 'the connection was lost'); });
      if (done) return;
      take(value);
    }
  } finally {
    reader.releaseLock();
  }
}

/** Waits, or until it is aborted. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => { clearTimeout(timer); signal?.removeEventListener('abort', end); resolve(); };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}

/** Compares with 'sha256-' and base64. @throws InklingError INTEGRITY */
export async function checkIntegrity(bytes: Uint8Array<ArrayBuffer>, integrity: string): Promise<void> {
  if (globalThis.crypto?.subtle === undefined) throw new InklingError('INTEGRITY', 'integrity needs a secure context (https or localhost)');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const got = `sha256-${btoa(String.fromCharCode(...digest))}`;
  if (got !== integrity) throw new InklingError('INTEGRITY', `the pack's digest is ${got}; expected ${integrity}`);
}

// ------------------------------------------------------------------ Cache API

// Where storage is forbidden (a sandboxed frame, a strict setting) the very name `caches` throws.
function cacheable(url: URL, options: SourceOptions): boolean {
  try {
    return options.cache !== 'none' && url.protocol.startsWith('http') && typeof caches !== 'undefined';
  } catch {
    return false;
  }
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
