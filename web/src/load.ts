// load.ts - the core's module: SIMD or scalar by what this engine can validate, streamed where the server allows.
// Both modules answer with the same bits; a missing feature costs time only. What fails is told apart: a file that did not
// come (FETCH, with what a bundler must be told) from one that may not or cannot be compiled (WASM).

import type { WasmSource } from './api.js';
import { InklingError, refuse, wrap } from './errors.js';
import { absolute, broken, fileBytes, request } from './source.js';

// (module (func (result v128) (i8x16.popcnt (i8x16.splat (i32.const 0)))))
const SIMD_PROBE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Whether this engine runs SIMD128. */
export function hasSimd(): boolean { return WebAssembly.validate(new Uint8Array(SIMD_PROBE)); }

/** The compiled core. @throws InklingError WASM, FETCH, ABORTED */
export async function loadModule(source: WasmSource | undefined, signal?: AbortSignal): Promise<WebAssembly.Module> {
  if (typeof WebAssembly !== 'object') throw new InklingError('WASM', 'this machine has no WebAssembly');
  if (source instanceof WebAssembly.Module) return source;
  try {
    if (source instanceof Uint8Array || source instanceof ArrayBuffer) return await WebAssembly.compile(source as BufferSource);
    if (source !== undefined && typeof source !== 'string' && !(source instanceof URL)) throw refuse('wasm', source, 'a URL, bytes, or a WebAssembly.Module');
    const url = source === undefined ? ownUrl() : absolute(source);
    if (url.protocol === 'file:') return await WebAssembly.compile((await fileBytes(url)) as BufferSource);
    return await compiled(url, signal);
  } catch (error) {
    if (source === undefined && error instanceof InklingError && error.code === 'FETCH') throw new InklingError('FETCH', `${error.message}. ${COPY}`, { cause: error });
    throw wrap(error, 'WASM', 'the core could not be compiled (a Content-Security-Policy needs \'wasm-unsafe-eval\')');
  }
}

const COPY = 'The core belongs beside the script: copy inkling.wasm and inkling-scalar.wasm there, or give `wasm: url`';

// Bundlers look for just this expression; one that makes a classic script of it leaves no address to stand on.
function ownUrl(): URL {
  try {
    return hasSimd() ? new URL('./inkling.wasm', import.meta.url) : new URL('./inkling-scalar.wasm', import.meta.url);
  } catch (error) {
    throw new InklingError('WASM', 'this script does not know its own address (import.meta.url): build ES modules, or give `wasm: url`', { cause: error });
  }
}

/** Fetches and compiles; a download that breaks is begun once more. */
async function compiled(url: URL, signal: AbortSignal | undefined, again = true): Promise<WebAssembly.Module> {
  const response = await request(url, signal);
  try {
    return await compileResponse(response);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof InklingError) throw error;
    if (again && signal?.aborted !== true) return compiled(url, signal, false);
    throw broken(url, error, signal);
  }
}

// Streaming refuses any type but application/wasm; servers that do not know the ending are common.
async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const type = response.headers.get('content-type') ?? '';
  if (/^application\/wasm\b/.test(type) && typeof WebAssembly.compileStreaming === 'function') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
