// protocol.ts - what page and worker say to each other. Types only. Every call has an `id` that its answer repeats.

import type { ErrorCode, Fault, OpenOptions, PackInfo, Progress, RecommenderEvents, StorageState } from './api.js';
import type { StoredEvent } from './check.js';

/** Methods that may be called from outside; nothing else can be named. */
export type Method =
  | 'recommend' | 'similarItems' | 'rank' | 'explain' | 'items'
  | 'inspect' | 'export' | 'import' | 'forget' | 'erase' | 'retention' | 'pause' | 'resume';

/** Options that survive a message. */
export type WorkerOptions = Omit<OpenOptions, 'worker' | 'onProgress' | 'signal' | 'wasm' | 'storage'> & {
  readonly wasm?: string | WebAssembly.Module | ArrayBuffer | Uint8Array;
  readonly storage?: 'auto' | 'indexeddb' | 'memory';
  readonly progress: boolean;
};

export type ToWorker =
  | { readonly kind: 'open'; readonly id: number; readonly pack: string | ArrayBuffer | Uint8Array; readonly options: WorkerOptions }
  | { readonly kind: 'abort' }
  | { readonly kind: 'track'; readonly id: number; readonly event: StoredEvent }
  | { readonly kind: 'call'; readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly kind: 'close'; readonly id: number };

export type FromWorker =
  | { readonly kind: 'opened'; readonly id: number; readonly pack: PackInfo; readonly storage: StorageState; readonly paused: boolean }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly code: ErrorCode; readonly message: string; readonly fault?: Fault }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { [K in keyof RecommenderEvents]: { readonly kind: 'event'; readonly name: K; readonly value: RecommenderEvents[K] } }[keyof RecommenderEvents];
