// api.d.ts - the whole public contract of the package; it was written first and the code follows it.
//
// Words: a *pack* is one file with the catalogue and the models. A *profile* is the person's events,
// kept on this device. A *slate* is an ordered answer with reasons.
//
// Rules that hold everywhere
//  - Ids and kinds are strings; times are milliseconds since 1970; higher scores are better; 0 is a value.
//  - `now` and `seed` are inputs: the same pack, events and request give the same bits on every machine.
//  - Every failure is an InklingError with a `code`. Wrong arguments are refused before anything happens.
//  - After open() has resolved the package makes no request.
//  - Importing the package does nothing: it may be imported on a server that renders pages.

/// <reference lib="esnext.disposable" />

// ------------------------------------------------------------------ opening

/** A pack: where to fetch it, or its bytes. In Node a `file:` URL is read from disk. */
export type PackSource = string | URL | ArrayBuffer | Uint8Array;

/** Where the compiled core comes from, when the package's own files are not what you want. */
export type WasmSource = string | URL | WebAssembly.Module | ArrayBuffer | Uint8Array;

/** Download of the pack. `total` is 0 when the server does not say; `loaded` falls when a broken download begins anew. */
export interface Progress {
  readonly loaded: number;
  readonly total: number;
  readonly from: 'network' | 'cache';
}

/** Sizes that are fixed when a recommender is opened. */
export interface Limits {
  /** Events kept, 1 to 100000. Default 2000. When full, the oldest eighth goes first. */
  readonly events?: number;
  /** Longest slate. Default 100. */
  readonly count?: number;
  /** Most reasons for one item. Default 8. */
  readonly reasons?: number;
}

/** A place for sealed bytes that you supply, e.g. files under Node. Values are opaque. */
export interface StorageAdapter {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
  /** Runs `run` while no other holder of `name` runs. Needed only when several processes share the place. */
  lock?<T>(name: string, run: () => Promise<T>): Promise<T>;
}

export interface OpenOptions {
  /** Name of the profile, 1 to 64 of `[a-z0-9_-]`; null keeps nothing. Default 'default'. */
  readonly profile?: string | null;
  /** Where the profile rests. Default 'auto': IndexedDB where it works, else memory (see `storage` events). */
  readonly storage?: 'auto' | 'indexeddb' | 'memory' | StorageAdapter;
  /**
   * What seals the profile at rest. 'device': a key that no script can read, made and kept in IndexedDB.
   * A StorageAdapter needs a CryptoKey (AES-GCM), a passphrase, or 'none' (not sealed).
   */
  readonly key?: 'device' | 'none' | CryptoKey | { readonly passphrase: string };
  /** Runs the recommender in a worker with the same methods. A URL names your own copy of worker.js. Default false. */
  readonly worker?: boolean | string | URL;
  readonly wasm?: WasmSource;
  /** 'sha256-' and the base64 of the file's digest, as in HTML. */
  readonly integrity?: string;
  /**
   * Use of the Cache API for the pack. 'auto' (default): with `integrity`, the cached copy is enough; without, the
   * network comes first and the cached copy serves offline. 'first': a cached copy is always enough. 'none': no cache.
   */
  readonly cache?: 'auto' | 'first' | 'none';
  /** Longest pack that is accepted, bytes. Default 512 MiB. */
  readonly maxBytes?: number;
  /**
   * How often a download that breaks off is taken up again, 0..10, after 250 ms and then twice as long each time. Default 3.
   * It goes on where it broke if the server answers ranges and shows (ETag or Last-Modified) that the file is the same.
   */
  readonly retries?: number;
  /** Most linear memory that the instance may take, bytes. Default 1 GiB. */
  readonly maxMemory?: number;
  readonly limits?: Limits;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Options of openSync: no storage, no fetch, no worker. */
export interface OpenSyncOptions {
  /** The compiled core; `inkling/inkling.wasm` in runtimes that import modules. */
  readonly wasm: WebAssembly.Module;
  readonly maxMemory?: number;
  readonly limits?: Limits;
}

/**
 * Opens a pack and the person's profile.
 * @throws InklingError PACK_* (the file is refused), FETCH, INTEGRITY, TOO_LARGE, ABORTED, WASM, KEY, STORAGE, ARG
 * @example const rec = await open('/movies.safetensors');
 */
export function open(pack: PackSource, options?: OpenOptions): Promise<Recommender>;

/**
 * Opens a pack from bytes, at once, with a profile in memory only: for workers and edge functions.
 * @throws InklingError PACK_*, WASM, MEMORY, ARG
 */
export function openSync(pack: ArrayBuffer | Uint8Array, options: OpenSyncOptions): SyncRecommender;

// ------------------------------------------------------------------- events

/** What a person did. Kinds and their weights are the pack's: view, click, like, purchase, rating, dislike, hide ... */
export interface EventInput {
  /** 1 to 32 of `[a-z0-9_-]`. */
  readonly kind: string;
  /** Item id, 1 to 1024 bytes of UTF-8; it need not be in this pack. */
  readonly item: string;
  /** Default 1; the stars of a `rating`. Finite. */
  readonly value?: number;
  /** Default: now. */
  readonly time?: number | Date;
  /** The `id` of the slate that showed the item, up to 64 bytes. */
  readonly slate?: string;
}

export type TrackOptions = Omit<EventInput, 'kind' | 'item'>;

/** An event as the profile keeps it. */
export interface ProfileEvent {
  /** Stable name of this event: the same in every tab, after a reload and in an export. */
  readonly id: string;
  readonly kind: string;
  readonly item: string;
  readonly value: number;
  readonly time: number;
  readonly slate: string;
  /** Whether the pack has this item. */
  readonly known: boolean;
}

/** The event counts from the moment track() returns. */
export interface Tracked {
  /** The event's id, or null when the profile is paused. */
  readonly id: string | null;
  /** True once the event rests in storage; false when it is kept in memory only. Rejects only for a refused event. */
  readonly saved: Promise<boolean>;
}

// ----------------------------------------------------------------- requests

export interface Request {
  /** 1 to limits.count. Default 10. */
  readonly count?: number;
  /** Family that shall answer (see pack.models). Default: the first that can score this history. */
  readonly model?: string;
  /** False: no other family than `model` may answer; when it cannot, the request fails with NOT_FOUND. Default true. */
  readonly fallback?: boolean;
  /** Also offer what the person already knows. Default false. */
  readonly withSeen?: boolean;
  /** Only these ids. Ids that the pack has not are skipped; an empty list allows nothing. */
  readonly allow?: readonly string[];
  /** Never these ids. */
  readonly deny?: readonly string[];
  /** Fill `reasons`. 'terms': by the words and tags of an item in the place of events, where its model knows them. Default false. */
  readonly explain?: boolean | 'terms';
  /** Most reasons for one item. */
  readonly reasons?: number;
  /** Columns of the catalogue to return with each item; true for all. */
  readonly properties?: readonly string[] | true;
  /** Default: now. */
  readonly now?: number | Date;
  /** Default 0. */
  readonly seed?: number | bigint;
  /** Stop after about so many rows of the catalogue and answer with the best so far. */
  readonly budget?: { readonly rows: number };
  /** Answer for these events instead of the profile; nothing is kept. */
  readonly events?: readonly EventInput[];
}

/** Why an item is there. The weights of an item, added in the listed order and rounded to a float, are its score. */
export type Reason =
  | { readonly kind: 'event'; readonly item: string; readonly event: string; readonly weight: number }
  | { readonly kind: 'term'; readonly term: string; readonly weight: number }
  | { readonly kind: 'others'; readonly count: number; readonly weight: number }
  | { readonly kind: 'base' | 'person' | 'rest'; readonly weight: number };

/** A value of the catalogue: number, text, tags, or null where it is missing. */
export type Property = number | string | readonly string[] | null;
export type Properties = Readonly<Record<string, Property>>;

export interface SlateItem {
  readonly id: string;
  /** Exactly the core's float; comparable within one model. */
  readonly score: number;
  /** 0 is the best. */
  readonly position: number;
  readonly model: string;
  /** Present when `explain` was asked for. */
  readonly reasons?: readonly Reason[];
  /** Present when `properties` were asked for. */
  readonly properties?: Properties;
}

export interface Slate {
  /** Name this in later events: track('view', id, { slate: slate.id }). */
  readonly id: string;
  /** Best first; ties go to the item that comes first in the pack. Fewer than `count` only when fewer qualify. */
  readonly items: readonly SlateItem[];
  /** Family of the first item, or null for an empty slate. */
  readonly model: string | null;
  /** False when the budget ended the scan. */
  readonly complete: boolean;
  /** Rows of the catalogue that were scored. */
  readonly rows: number;
  /** Ids of rank() that the pack has not. */
  readonly unknown: readonly string[];
  /** Milliseconds that the answer took. */
  readonly ms: number;
}

/** An item of the catalogue. */
export interface Item {
  readonly id: string;
  readonly properties: Properties;
}

/** An item that a pack has not: what addItems() of `inkling/items` takes. */
export interface NewItem {
  readonly id: string;
  /** By the pack's columns: words and tags describe it to `content`. A column that is not named is missing. */
  readonly properties?: Properties;
  /** Its score among the popular items. Default 0. */
  readonly popularity?: number;
  /** Vectors by family (`als` ...), made by whatever made the pack's. Default: placed by words and tags where the pack has
   *  `content`, else zeros. */
  readonly vectors?: Readonly<Record<string, ArrayLike<number>>>;
}

/**
 * A pack with more items, to be opened in place of the old one; the profile goes on with it. Exported by `inkling/items`.
 * @throws InklingError ARG (an id that is there, a value of a wrong kind, a model that cannot take new items), PACK_*, LIMIT
 */
export declare function addItems(pack: ArrayBuffer | Uint8Array, items: readonly NewItem[]): Uint8Array<ArrayBuffer>;

export interface ItemsQuery {
  /** These ids, in this order; ids that the pack has not are left out. Default: the catalogue in its order. */
  readonly ids?: readonly string[];
  /** First item of the catalogue's order. Default 0. */
  readonly first?: number;
  /** At most so many. Default all. */
  readonly count?: number;
  /** Default true: all columns. */
  readonly properties?: readonly string[] | true;
}

/** What the pack says of itself. */
export interface PackInfo {
  readonly name: string;
  readonly licence: string;
  readonly items: number;
  readonly bytes: number;
  /** Families in the order of the fallback chain; the last needs no history. */
  readonly models: readonly string[];
  readonly columns: Readonly<Record<string, 'number' | 'text' | 'tags'>>;
  readonly metadata: Readonly<Record<string, string>>;
}

// ------------------------------------------------------------------ profile

export interface Retention {
  /** Keep events of the last so many days; null: any age. */
  readonly days?: number | null;
  /** Keep the newest so many; null: as many as limits.events. */
  readonly events?: number | null;
}

/** What to forget. `before`: every event that is older. */
export type Forget = { readonly item: string } | { readonly event: string } | { readonly before: number | Date };

export interface ProfileReport {
  /** In the order in which they count: by arrival. */
  readonly events: readonly ProfileEvent[];
  /** How many of them name an item of this pack. */
  readonly known: number;
  readonly paused: boolean;
  readonly retention: Required<Retention>;
  readonly storage: StorageState;
}

/** A profile in the open, for the person to read, keep or carry elsewhere. */
export interface ProfileExport {
  readonly format: 'inkling-profile';
  readonly version: 1;
  readonly events: readonly Omit<ProfileEvent, 'known'>[];
}

export interface ImportOptions {
  /** Add to what is there, by event id, instead of replacing it. Default false. */
  readonly merge?: boolean;
}

/** The person's side. Forgetting is exact: later answers have the bits they would have had without the events. */
export interface Profile {
  inspect(): Promise<ProfileReport>;
  export(): Promise<ProfileExport>;
  /** Gives the number of events taken in. @throws InklingError ARG: not such an export; nothing was changed. */
  import(profile: unknown, options?: ImportOptions): Promise<number>;
  /** Gives the number of events that went. @throws InklingError NOT_FOUND: no such event. */
  forget(what: Forget): Promise<number>;
  /** Forgets everything, here and at rest, with the key; other tabs forget too. */
  erase(): Promise<void>;
  /** Sets limits, applies them now and on every later event. Gives the number of events that went. */
  retention(limits: Retention): Promise<number>;
  /** While paused track() does nothing and nothing is written. Survives a reload. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

// ------------------------------------------------------------------ storage

export interface StorageState {
  readonly kind: 'indexeddb' | 'custom' | 'memory';
  /** Whether what rests there is sealed. */
  readonly sealed: boolean;
  /** Why it is memory, where it was meant to be more. */
  readonly reason?: 'unavailable' | 'insecure' | 'quota' | 'failed';
  /** Records that could not be read and were set aside (not erased). */
  readonly setAside: number;
}

/** 'storage': the state above changed. 'profile': events or pausing changed, here or in another tab. */
export interface RecommenderEvents {
  storage: StorageState;
  profile: { readonly by: 'this' | 'other'; readonly events: number; readonly paused: boolean };
}

// ------------------------------------------------------------- recommenders

export interface Recommender {
  readonly pack: PackInfo;
  readonly storage: StorageState;
  readonly profile: Profile;
  /** Records an event. It counts for the next request at once. @throws InklingError ARG, CLOSED */
  track(kind: string, item: string, options?: TrackOptions): Tracked;
  /** The best items for this person. @throws InklingError ARG, UNKNOWN_FAMILY, CLOSED */
  recommend(request?: Request): Promise<Slate>;
  /** Items most like one item. @throws InklingError UNKNOWN_ITEM, UNKNOWN_FAMILY */
  similarItems(item: string, request?: Request): Promise<Slate>;
  /** Orders your own list for this person. */
  rank(items: readonly string[], request?: Request): Promise<Slate>;
  /** One item with its reasons, whatever its rank. @throws InklingError UNKNOWN_ITEM */
  explain(item: string, request?: Request): Promise<SlateItem>;
  /** Items of the catalogue with their properties. */
  items(query?: ItemsQuery): Promise<readonly Item[]>;
  /** Listens; call what it gives to stop. */
  on<K extends keyof RecommenderEvents>(event: K, listener: (value: RecommenderEvents[K]) => void): () => void;
  /** Waits for what is being saved, then lets go of everything. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The same names, at once. The profile is in memory only. */
export interface SyncRecommender {
  readonly pack: PackInfo;
  readonly profile: SyncProfile;
  /** Gives the event's id. */
  track(kind: string, item: string, options?: TrackOptions): string;
  recommend(request?: Request): Slate;
  similarItems(item: string, request?: Request): Slate;
  rank(items: readonly string[], request?: Request): Slate;
  explain(item: string, request?: Request): SlateItem;
  items(query?: ItemsQuery): readonly Item[];
  close(): void;
  [Symbol.dispose](): void;
}

export interface SyncProfile {
  inspect(): { readonly events: readonly ProfileEvent[]; readonly known: number };
  export(): ProfileExport;
  import(profile: unknown, options?: ImportOptions): number;
  forget(what: Forget): number;
  erase(): void;
}

// ------------------------------------------------------------------- errors

/** Codes of the core (PACK_SHAPE, EVENT, ...) and of the package around it. */
export type ErrorCode =
  | import('./bindings.gen.js').StatusName
  | 'ABORTED' | 'CLOSED' | 'FETCH' | 'INTEGRITY' | 'KEY' | 'STORAGE' | 'TOO_LARGE' | 'WASM';

/** Where in a file something was refused. */
export interface Fault {
  /** Tensor, key, column or file. */
  readonly name: string;
  /** Byte, row or line, as `unit` says; -1 when there is no place. */
  readonly at: number;
  readonly unit: string;
}

export declare class InklingError extends Error {
  readonly code: ErrorCode;
  readonly fault?: Fault;
}
