// worker.ts - the far end of protocol.ts: started by client.ts as a module worker, it holds one recommender.
// Only messages of the known kinds are heard; a method is looked up in a list, never by a path from a message.

import type { Recommender } from './api.js';
import { isObject, storedEvent } from './check.js';
import { InklingError, wrap } from './errors.js';
import type { LocalRecommender } from './local.js';
import { openLocal } from './open.js';
import type { FromWorker, Method, ToWorker } from './protocol.js';

const post = (message: FromWorker): void => { (globalThis as unknown as { postMessage(m: FromWorker): void }).postMessage(message); };

const abort = new AbortController();
let recommender: LocalRecommender | null = null;

const CALLS: { readonly [M in Method]: (on: Recommender, args: readonly unknown[]) => Promise<unknown> } = {
  recommend: (on, [request]) => on.recommend(request as never),
  similarItems: (on, [item, request]) => on.similarItems(item as never, request as never),
  rank: (on, [items, request]) => on.rank(items as never, request as never),
  explain: (on, [item, request]) => on.explain(item as never, request as never),
  items: (on, [query]) => on.items(query as never),
  inspect: (on) => on.profile.inspect(),
  export: (on) => on.profile.export(),
  import: (on, [value, options]) => on.profile.import(value, options as never),
  forget: (on, [what]) => on.profile.forget(what as never),
  erase: (on) => on.profile.erase(),
  retention: (on, [limits]) => on.profile.retention(limits as never),
  pause: (on) => on.profile.pause(),
  resume: (on) => on.profile.resume(),
};

function opened(): LocalRecommender {
  if (recommender === null) throw new InklingError('CLOSED', 'this recommender was closed');
  return recommender;
}

async function openHere(message: ToWorker & { kind: 'open' }): Promise<void> {
  const { progress, ...options } = message.options;
  recommender = await openLocal(message.pack, {
    ...options, signal: abort.signal,
    ...(progress ? { onProgress: (now) => post({ kind: 'progress', progress: now }) } : {}),
  });
  recommender.on('storage', (value) => post({ kind: 'event', name: 'storage', value }));
  recommender.on('profile', (value) => post({ kind: 'event', name: 'profile', value }));
  post({ kind: 'opened', id: message.id, pack: recommender.pack, storage: recommender.storage, paused: recommender.paused });
}

async function answer(message: Exclude<ToWorker, { kind: 'abort' }>): Promise<void> {
  const { id } = message;
  try {
    if (message.kind === 'open') return await openHere(message);
    let value: unknown;
    if (message.kind === 'track') value = await opened().trackNamed(storedEvent(message.event)).saved;
    else if (message.kind === 'call' && Object.hasOwn(CALLS, message.method)) value = await CALLS[message.method](opened(), message.args);
    else if (message.kind === 'close') {
      await recommender?.close();
      recommender = null;
    }
    post({ kind: 'done', id, value });
  } catch (error) {
    const { code, message: text, fault } = wrap(error, 'ARG', 'the worker failed');
    post({ kind: 'failed', id, code, message: text, ...(fault ? { fault } : {}) });
  }
}

globalThis.addEventListener('message', (event: Event) => {
  const { data } = event as MessageEvent<unknown>;
  if (!isObject(data) || typeof data['kind'] !== 'string') return;
  if (data['kind'] === 'abort') abort.abort();
  else if (['open', 'track', 'call', 'close'].includes(data['kind']) && typeof data['id'] === 'number') void answer(data as never);
});
