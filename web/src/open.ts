// open.ts - from a URL to a recommender: core and pack at once, the gate, the digest, the cache, the profile.

import type { OpenOptions, PackSource, Recommender } from './api.js';
import * as check from './check.js';
import { openRemote } from './client.js';
import { Engine } from './engine.js';
import { InklingError, refuse } from './errors.js';
import { loadModule } from './load.js';
import { LocalRecommender } from './local.js';
import type { Memory, Text } from './memory.js';
import { newMemory } from './open_sync.js';
import { CoreRecommender } from './recommender.js';
import { absolute, checkIntegrity, drop, fromCache, fromNetwork, keep, read, type Incoming, type SourceOptions } from './source.js';
import { openStore } from './store_open.js';

const MAX_BYTES = 512 * 2 ** 20;
const RETRIES = 3;

/** Opens a pack and the person's profile. See api.d.ts. */
export async function open(pack: PackSource, options: OpenOptions = {}): Promise<Recommender> {
  if (typeof options !== 'object' || options === null) throw refuse('options', options, 'an object');
  if (typeof pack !== 'string' && !(pack instanceof URL || pack instanceof Uint8Array || pack instanceof ArrayBuffer)) {
    throw refuse('pack', pack, 'a URL, an ArrayBuffer or a Uint8Array');
  }
  if (options.worker !== undefined && options.worker !== false) return openRemote(pack, options);
  return openLocal(pack, options);
}

/** The same in this thread, whatever options.worker says. */
export async function openLocal(pack: PackSource, options: OpenOptions): Promise<LocalRecommender> {
  const limits = check.limits(options.limits), source = sourceOptions(options);
  if (options.signal?.aborted) throw new InklingError('ABORTED', 'the signal was aborted already');
  const bytes = pack instanceof ArrayBuffer ? new Uint8Array(pack) : pack;
  const loading = loadModule(options.wasm, options.signal), storing = openStore(options);
  for (const later of [loading, storing]) later.catch(() => undefined);     // told in their turn below
  try {
    const opened = bytes instanceof Uint8Array
      ? await stand({ from: 'network', total: bytes.length, body: bytes }, await loading, limits, source, options)
      : await stands(absolute(bytes), loading, limits, source, options);
    const store = await storing;
    if (options.signal?.aborted) throw new InklingError('ABORTED', 'opening was aborted');
    return await LocalRecommender.open(new CoreRecommender(opened.engine, limits), store);
  } catch (error) {
    void storing.then((store) => store.close(), () => undefined);
    throw error;
  }
}

function sourceOptions(options: OpenOptions): SourceOptions {
  const { cache = 'auto', integrity, maxBytes = MAX_BYTES, retries = RETRIES, onProgress, signal } = options;
  if (!['auto', 'first', 'none'].includes(cache)) throw refuse('cache', cache, '\'auto\', \'first\' or \'none\'');
  if (integrity !== undefined && !/^sha256-[A-Za-z0-9+/]{43}=$/.test(integrity)) throw refuse('integrity', integrity, 'sha256- and the base64 of a digest');
  if (onProgress !== undefined && typeof onProgress !== 'function') throw refuse('onProgress', onProgress, 'a function');
  return { cache, integrity, maxBytes: check.whole('maxBytes', maxBytes, 8, 2 ** 32), retries: check.whole('retries', retries, 0, 10), onProgress, signal };
}

interface Stand { readonly engine: Engine; readonly memory: Memory; readonly file: Text }
type Limits = ReturnType<typeof check.limits>;

/** Reads a file into a new instance and puts it through every check. */
async function stand(incoming: Incoming, module: WebAssembly.Module, limits: Limits, source: SourceOptions, options: OpenOptions): Promise<Stand> {
  const memory = newMemory(module, options.maxMemory), region = memory.incoming();
  await read(incoming, source, region);
  const file = region.done();
  if (source.integrity !== undefined && incoming.from === 'network') await checkIntegrity(memory.copy(file.ptr, file.bytes), source.integrity);
  return { engine: new Engine(memory, file, limits), memory, file };
}

/** Cache or network, as options.cache says; a cached copy that is refused is dropped and fetched anew. */
async function stands(url: URL, loading: Promise<WebAssembly.Module>, limits: Limits, source: SourceOptions, options: OpenOptions): Promise<Stand> {
  const tryCache = async (): Promise<Stand | null> => {
    const copy = await fromCache(url, source);
    if (copy === null) return null;
    const module = await loading;
    try {
      return await stand(copy, module, limits, source, options);
    } catch (error) {
      if (error instanceof InklingError && error.code === 'ABORTED') throw error;
      await drop(url);
      return null;
    }
  };
  const first = source.cache === 'first' || source.integrity !== undefined;
  const early = first ? await tryCache() : null;
  if (early !== null) return early;
  const opened = await settled(fromNetwork(url, source).then(async (incoming) => stand(incoming, await loading, limits, source, options)));
  if (opened instanceof InklingError) {
    const late = first || opened.code !== 'FETCH' ? null : await tryCache();
    if (late === null) throw opened;
    return late;
  }
  opened.engine.pack.verify();
  void keep(url, source, () => opened.memory.copy(opened.file.ptr, opened.file.bytes));
  return opened;
}

function settled<T>(promise: Promise<T>): Promise<T | InklingError> {
  return promise.catch((error: unknown) => {
    if (error instanceof InklingError) return error;
    throw error;
  });
}
