// store_merge.ts - many small records become few blocks, so that opening need not unseal thousands. A block takes the key
// of its last record: the order stays. The caller holds the lock.

import type { Backend, StoredRecord } from './backend.js';
import type { StoredEvent } from './check.js';
import type { Sealer } from './seal.js';

const BLOCK = 512;                  // events in a block at most

interface Run { readonly records: StoredRecord[]; readonly events: StoredEvent[] }

/** Neighbours that fit a block together. */
function runsOf(records: readonly StoredRecord[], opened: readonly (readonly StoredEvent[] | null)[]): Run[] {
  const runs: Run[] = [];
  records.forEach((record, i) => {
    const events = opened[i], last = runs.at(-1);
    if (events == null) return;
    if (last === undefined || last.events.length + events.length > BLOCK) runs.push({ records: [record], events: [...events] });
    else {
      last.records.push(record);
      last.events.push(...events);
    }
  });
  return runs;
}

/** Merges; gives the new key of every event that moved. Records that `open` cannot read stay as they are. */
export async function mergeRecords(backend: Backend, sealer: Sealer,
  open: (record: StoredRecord) => Promise<readonly StoredEvent[] | null>): Promise<ReadonlyMap<string, number>> {
  const records = await backend.load(0), opened = await Promise.all(records.map(open));
  const drop: number[] = [], put: StoredRecord[] = [], moved = new Map<string, number>();
  for (const run of runsOf(records, opened)) {
    const last = run.records.at(-1);
    if (last === undefined || run.records.length < 2) continue;
    for (const record of run.records) if (record !== last) drop.push(record.key);
    put.push({ key: last.key, id: last.id, bytes: await sealer.seal(last.id, run.events) });
    for (const { id } of run.events) moved.set(id, last.key);
  }
  await backend.rewrite(drop, put);
  return moved;
}
