// edge_workerd.ts - `inkling/edge` where modules are imported, not compiled: the core comes along by itself.

import wasm from './inkling.wasm';
import type { OpenSyncOptions, SyncRecommender } from './api.js';
import { openSync as openWith } from './open_sync.js';

export type * from './api.js';
export { InklingError } from './errors.js';

/** As openSync of api.d.ts; `wasm` may be left out. */
export function openSync(pack: ArrayBuffer | Uint8Array, options: Partial<OpenSyncOptions> = {}): SyncRecommender {
  return openWith(pack, { ...options, wasm: options.wasm ?? wasm });
}
