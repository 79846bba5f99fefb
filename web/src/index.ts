// index.ts - what the package exports; what is not named here is private. Importing it does nothing.

export type * from './api.js';
export { InklingError } from './errors.js';
export { open } from './open.js';
export { openSync } from './open_sync.js';
