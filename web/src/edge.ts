// edge.ts - `inkling/edge`: the synchronous recommender alone, for functions at the edge. Re-exports only.

export type * from './api.js';
export { InklingError } from './errors.js';
export { openSync } from './open_sync.js';
