// consumer.ts - a stranger's program, compiled by package.test.mjs under two module resolutions; it never runs.
import { InklingError, open, openSync, type Recommender, type Slate, type SyncRecommender } from 'inkling';
import { openSync as openEdge } from 'inkling/edge';
import { addItems } from 'inkling/items';
import wasm from 'inkling/inkling.wasm';
import type * as contract from '../../src/api.js';

// What is exported is what the contract says.
export const same: [typeof contract.open, typeof contract.openSync, typeof contract.openSync] = [open, openSync, openEdge];

export async function page(signal: AbortSignal): Promise<string[]> {
  await using rec: Recommender = await open(new URL('https://example.org/pack'), { signal, key: 'device', limits: { events: 100 } });
  const { id, saved } = rec.track('like', 'a', { time: new Date(), value: 2 });
  if (id !== null && (await saved)) await rec.profile.forget({ event: id });
  const slate: Slate = await rec.recommend({ count: 3, explain: true, properties: true, seed: 1n });
  for (const reason of slate.items[0]?.reasons ?? []) {
    if (reason.kind === 'event') console.log(reason.item, reason.event, reason.weight);
    // @ts-expect-error only events name an item
    else console.log(reason.item);
  }
  // @ts-expect-error a count is a number
  await rec.recommend({ count: '3' });
  // @ts-expect-error there is no such event
  rec.on('weather', () => undefined);
  rec.on('storage', ({ kind }) => console.log(kind satisfies 'indexeddb' | 'custom' | 'memory'));
  return slate.items.map((item) => item.id);
}

export async function withMore(pack: ArrayBuffer): Promise<Recommender> {
  // @ts-expect-error an item has an id
  addItems(pack, [{ properties: {} }]);
  return open(addItems(pack, [{ id: 'new', properties: { title: 'New', genres: ['comedy'] }, vectors: { als: [0, 1] } }]), { worker: true, retries: 1 });
}

export function edge(pack: ArrayBuffer): SyncRecommender {
  try {
    return openEdge(pack, { wasm });
  } catch (error) {
    if (error instanceof InklingError && error.code === 'PACK_SHAPE') console.log(error.fault?.name);
    // @ts-expect-error a code that does not exist
    if (error instanceof InklingError && error.code === 'NO_SUCH') throw error;
    throw error;
  }
}
