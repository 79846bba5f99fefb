// open_sync.ts - a recommender from bytes and a compiled module, at once: for workers and edge functions, and the last
// step of every other way to open one.

import type { OpenSyncOptions, SyncRecommender } from './api.js';
import * as check from './check.js';
import { Engine } from './engine.js';
import { InklingError, refuse, wrap } from './errors.js';
import { Memory } from './memory.js';
import { CoreRecommender } from './recommender.js';

export const MAX_MEMORY = 2 ** 30;

/** Linear memory of a new instance. @throws InklingError WASM */
export function newMemory(module: WebAssembly.Module, maxMemory: number | undefined): Memory {
  const max = maxMemory === undefined ? MAX_MEMORY : check.whole('maxMemory', maxMemory, 65536, 2 ** 32);
  try {
    return new Memory(module, max);
  } catch (error) {
    throw wrap(error, 'WASM', 'the core could not be started');
  }
}

/** Opens a pack from bytes, with a profile in memory only. See api.d.ts. */
export function openSync(pack: ArrayBuffer | Uint8Array, options: OpenSyncOptions): SyncRecommender {
  if (!check.isObject(options) || !(options.wasm instanceof WebAssembly.Module)) {
    throw new InklingError('ARG', 'openSync needs { wasm }, a compiled WebAssembly.Module of inkling.wasm');
  }
  const bytes = pack instanceof ArrayBuffer ? new Uint8Array(pack) : pack;
  if (!(bytes instanceof Uint8Array)) throw refuse('pack', pack, 'an ArrayBuffer or Uint8Array');
  const limits = check.limits(options.limits);
  const memory = newMemory(options.wasm, options.maxMemory), file = memory.incoming();
  file.write(bytes);
  return new CoreRecommender(new Engine(memory, file.done(), limits), limits);
}
