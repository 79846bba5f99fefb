// client.ts - the near end of protocol.ts: the same recommender, while the work is done in a worker.
// Messages keep their order, so an event that was tracked counts for the request that follows it.

import type {
  Forget, ImportOptions, Item, ItemsQuery, OpenOptions, PackInfo, PackSource, Profile, ProfileExport, ProfileReport, Recommender,
  RecommenderEvents, Request, Retention, Slate, SlateItem, StorageState, Tracked, TrackOptions,
} from './api.js';
import * as check from './check.js';
import { InklingError, refuse, wrap } from './errors.js';
import { Listeners } from './listeners.js';
import type { FromWorker, Method, ToWorker, WorkerOptions } from './protocol.js';
import { absolute } from './source.js';

type Opened = FromWorker & { kind: 'opened' };
interface Call { readonly resolve: (value: unknown) => void; readonly reject: (error: InklingError) => void }

/** A worker and the calls that wait for its answers. */
class Line {
  readonly worker: Worker;
  readonly #calls = new Map<number, Call>();
  #next = 1;
  hears: (message: FromWorker) => void = () => undefined;

  constructor(worker: Worker) {
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<unknown>) => { if (check.isObject(data)) this.#heard(data as unknown as FromWorker); };
    worker.onerror = (event) => {
      event.preventDefault();
      this.fail(new InklingError('FETCH', `the worker could not run: ${event.message || 'its file is missing or forbidden; worker.js belongs beside the script, else give `worker: url`'}`));
    };
  }

  #heard(message: FromWorker): void {
    if (message.kind === 'progress' || message.kind === 'event') return this.hears(message);
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.kind === 'failed') call?.reject(new InklingError(message.code, message.message, message.fault ? { fault: message.fault } : {}));
    else call?.resolve(message.kind === 'done' ? message.value : message);
  }

  /** Sends with a fresh id; resolves with the answer. */
  call(message: (id: number) => ToWorker): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.worker.postMessage(message(id));
    });
  }

  fail(error: InklingError): void {
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
    this.worker.terminate();
  }
}

function startWorker(where: string | URL | true): Worker {
  if (typeof Worker === 'undefined') throw refuse('worker', where, 'false; there are no workers here');
  try {
    if (where !== true) return new Worker(absolute(where), { type: 'module', name: 'inkling' });
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'inkling' });
  } catch (error) {
    throw wrap(error, 'FETCH', 'the worker could not be started (worker.js must be of this site and beside the script, else give `worker: url`)');
  }
}

function messageOptions(options: OpenOptions): WorkerOptions {
  const { worker: _worker, onProgress, signal: _signal, wasm, storage, ...rest } = options;
  if (typeof storage === 'object') throw refuse('storage', storage, 'with a worker: \'auto\', \'indexeddb\' or \'memory\'');
  const where = typeof wasm === 'string' || wasm instanceof URL ? absolute(wasm).href : wasm;
  return { ...rest, progress: onProgress !== undefined, ...(where === undefined ? {} : { wasm: where }), ...(storage === undefined ? {} : { storage }) };
}

/** open() with options.worker. */
export async function openRemote(pack: PackSource, options: OpenOptions): Promise<Recommender> {
  const { worker, signal, onProgress } = options;
  if (worker !== true && typeof worker !== 'string' && !(worker instanceof URL)) throw refuse('worker', worker, 'true, false, or the URL of worker.js');
  const where = typeof pack === 'string' || pack instanceof URL ? absolute(pack).href : pack;
  const sent = messageOptions(options), line = new Line(startWorker(worker));
  line.hears = (message) => { if (message.kind === 'progress') onProgress?.(message.progress); };
  const stop = (): void => line.worker.postMessage({ kind: 'abort' } satisfies ToWorker);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return new RemoteRecommender(line, await line.call((id) => ({ kind: 'open', id, pack: where, options: sent })) as Opened);
  } catch (error) {
    line.worker.terminate();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

class RemoteRecommender implements Recommender {
  readonly pack: PackInfo;
  readonly profile: Profile;
  readonly #line: Line;
  readonly #listeners = new Listeners();
  #storage: StorageState;
  #paused: boolean;
  #closed = false;

  constructor(line: Line, opened: Opened) {
    this.#line = line;
    this.pack = opened.pack;
    this.#storage = opened.storage;
    this.#paused = opened.paused;
    line.hears = (message) => this.#hear(message);
    this.profile = {
      inspect: () => this.#call<ProfileReport>('inspect'),
      export: () => this.#call<ProfileExport>('export'),
      import: (value: unknown, options?: ImportOptions) => this.#call<number>('import', value, options),
      forget: (what: Forget) => this.#call<number>('forget', what),
      erase: () => this.#call<void>('erase'),
      retention: (limits: Retention) => this.#call<number>('retention', limits),
      pause: () => this.#call<void>('pause'),
      resume: () => this.#call<void>('resume'),
    };
  }

  #hear(message: FromWorker): void {
    if (message.kind !== 'event') return;
    if (message.name === 'storage') {
      this.#storage = message.value;
      this.#listeners.emit('storage', message.value);
    } else {
      this.#paused = message.value.paused;
      this.#listeners.emit('profile', message.value);
    }
  }

  async #call<T>(method: Method, ...args: unknown[]): Promise<T> {
    this.#open();
    return await this.#line.call((id) => ({ kind: 'call', id, method, args })) as T;
  }

  #open(): void { if (this.#closed) throw new InklingError('CLOSED', 'this recommender was closed'); }

  get storage(): StorageState { return this.#storage; }

  track(kind: string, item: string, options: TrackOptions = {}): Tracked {
    const event = { id: check.newId(), ...check.event({ ...options, kind, item }, Date.now()) };
    this.#open();
    if (this.#paused) return { id: null, saved: Promise.resolve(false) };
    return { id: event.id, saved: this.#line.call((id) => ({ kind: 'track', id, event })) as Promise<boolean> };
  }

  recommend(request?: Request): Promise<Slate> { return this.#call('recommend', request); }
  similarItems(item: string, request?: Request): Promise<Slate> { return this.#call('similarItems', item, request); }
  rank(items: readonly string[], request?: Request): Promise<Slate> { return this.#call('rank', items, request); }
  explain(item: string, request?: Request): Promise<SlateItem> { return this.#call('explain', item, request); }
  items(query?: ItemsQuery): Promise<readonly Item[]> { return this.#call('items', query); }

  on<K extends keyof RecommenderEvents>(event: K, listener: (value: RecommenderEvents[K]) => void): () => void {
    return this.#listeners.on(event, listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#line.call((id) => ({ kind: 'close', id }));
    this.#line.fail(new InklingError('CLOSED', 'this recommender was closed'));
  }

  [Symbol.asyncDispose](): Promise<void> { return this.close(); }
}
