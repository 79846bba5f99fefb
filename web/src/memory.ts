// memory.ts - linear memory of one instance: regions, scratch, reading and writing. The only file with pointers:
// every other file holds a Ptr as an opaque thing and asks here for a field of it.
//
//   0 .......... heap_base .... #top ............ #top + scratch ...... buffer.byteLength
//   | the module's | pack, tables, engine | the running call's scratch |
//
// Regions are laid once, upwards, and stay; scratch begins where they end and is given back when the call ends.
// Growing memory detaches every view of it, so no view outlives the line that asked for it.

import { ABI_VERSION, ALIGN, type Ptr, type Raw } from './bindings.gen.js';
import { InklingError } from './errors.js';

const PAGE = 65536;
export const NULL = 0 as Ptr;

/** Counted text in linear memory. */
export interface Text { readonly ptr: Ptr; readonly bytes: number }

/** Temporary memory of one call. */
export interface Scratch {
  /** `bytes` zeroed bytes, aligned to 8. */
  take(bytes: number): Ptr;
  text(text: string): Text;
  /** Text closed with zero. */
  cstr(text: string): Ptr;
  bytes(bytes: Uint8Array): Ptr;
  u32s(values: readonly number[]): Ptr;
}

export class Memory {
  readonly raw: Raw;
  readonly #max: number;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #top: number;
  #mark: number;
  #buffer: ArrayBuffer;
  #view: DataView;
  #bytes: Uint8Array;

  /** @param maxBytes most linear memory that the instance may take */
  constructor(module: WebAssembly.Module, maxBytes: number) {
    const instance = new WebAssembly.Instance(module, {});
    this.raw = instance.exports as unknown as Raw;
    if (typeof this.raw.abi_version !== 'function' || this.raw.abi_version() !== ABI_VERSION) {
      throw new InklingError('WASM', `the module is not inkling's core of interface ${ABI_VERSION}; give the .wasm that came with this package`);
    }
    this.#max = maxBytes;
    this.#top = this.#mark = aligned(this.raw.heap_base() >>> 0);
    this.#buffer = this.raw.memory.buffer as ArrayBuffer;
    this.#view = new DataView(this.#buffer);
    this.#bytes = new Uint8Array(this.#buffer);
  }

  /** Bytes of linear memory now. */
  get size(): number { return this.raw.memory.buffer.byteLength; }

  // ---------------------------------------------------------------- regions

  /** A region for good, aligned to 64, its bytes not set. Never while scratch is in use. */
  region(bytes: number): Ptr {
    const at = this.#top;
    this.#grow(at + bytes);
    this.#top = this.#mark = aligned(at + bytes);
    return at as Ptr;
  }

  /** A region whose length is not known before its last chunk has come: a download lands in place, uncopied. */
  incoming(): { write(chunk: Uint8Array): void; restart(): void; done(): Text; readonly bytes: number } {
    const start = this.#top;
    let end = start;
    return {
      write: (chunk) => {
        this.#grow(end + chunk.length);
        this.u8().set(chunk, end);
        end += chunk.length;
      },
      restart: () => { end = start; },
      done: () => {
        this.#top = this.#mark = aligned(end);
        return { ptr: start as Ptr, bytes: end - start };
      },
      get bytes() { return end - start; },
    };
  }

  /** Runs `use` with scratch that is given back afterwards, whatever happens. */
  withScratch<T>(use: (scratch: Scratch) => T): T {
    const mark = this.#mark;
    try {
      return use(this.#scratch);
    } finally {
      this.#mark = mark;
    }
  }

  readonly #scratch: Scratch = {
    take: (bytes) => {
      const at = Math.ceil(this.#mark / 8) * 8;
      this.#grow(at + bytes);
      this.#mark = at + bytes;
      this.u8().fill(0, at, at + bytes);
      return at as Ptr;
    },
    text: (text) => {
      const encoded = this.#encoder.encode(text);
      return { ptr: this.#scratch.bytes(encoded), bytes: encoded.length };
    },
    cstr: (text) => this.#scratch.bytes(this.#encoder.encode(`${text}\0`)),
    bytes: (bytes) => {
      const at = this.#scratch.take(bytes.length);
      this.u8().set(bytes, at);
      return at;
    },
    u32s: (values) => {
      const at = this.#scratch.take(values.length * 4);
      const view = this.view();
      for (let i = 0; i < values.length; i++) view.setUint32(at + 4 * i, values[i] ?? 0, true);
      return at;
    },
  };

  #grow(end: number): void {
    const missing = end - this.size;
    if (missing <= 0) return;
    if (end > this.#max) throw new InklingError('MEMORY', `needs ${end} bytes of memory; maxMemory is ${this.#max}`);
    try {
      this.raw.memory.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      throw new InklingError('MEMORY', `the machine has no ${end} bytes of memory for the pack`, { cause });
    }
  }

  // ---------------------------------------------------------- reading, writing

  /** A view of memory as it is now; use it before the next call or region. */
  view(): DataView {
    if (this.#buffer !== this.raw.memory.buffer) this.#renew();
    return this.#view;
  }

  /** The same as bytes. */
  u8(): Uint8Array {
    if (this.#buffer !== this.raw.memory.buffer) this.#renew();
    return this.#bytes;
  }

  #renew(): void {
    this.#buffer = this.raw.memory.buffer as ArrayBuffer;
    this.#view = new DataView(this.#buffer);
    this.#bytes = new Uint8Array(this.#buffer);
  }

  /** Address of element `i` of an array of structs of `size` bytes. */
  at(array: Ptr, i: number, size: number): Ptr { return (array + i * size) as Ptr; }

  u32(p: Ptr, offset = 0): number { return this.view().getUint32(p + offset, true); }
  f32(p: Ptr, offset = 0): number { return this.view().getFloat32(p + offset, true); }
  f64(p: Ptr, offset = 0): number { return this.view().getFloat64(p + offset, true); }
  /** A 64-bit integer; times and sequence numbers lie within 2^53. */
  i64(p: Ptr, offset = 0): number { return Number(this.view().getBigInt64(p + offset, true)); }
  ptr<T extends Ptr = Ptr>(p: Ptr, offset = 0): T { return this.u32(p, offset) as T; }

  setU32(p: Ptr, offset: number, value: number): void { this.view().setUint32(p + offset, value, true); }
  setF32(p: Ptr, offset: number, value: number): void { this.view().setFloat32(p + offset, value, true); }
  setI64(p: Ptr, offset: number, value: bigint): void { this.view().setBigInt64(p + offset, value, true); }
  setText(p: Ptr, offset: number, text: Text): void {
    this.setU32(p, offset, text.ptr);
    this.setU32(p, offset + 4, text.bytes);
  }

  /** The text of an ink_text that lies at `offset` of `p`. */
  text(p: Ptr, offset = 0): string {
    const at = this.u32(p, offset), n = this.u32(p, offset + 4);
    return n === 0 ? '' : this.#decoder.decode(this.u8().subarray(at, at + n));
  }

  /** Text closed with zero. */
  cstr(p: Ptr): string {
    const bytes = this.u8();
    return p === NULL ? '' : this.#decoder.decode(bytes.subarray(p, bytes.indexOf(0, p)));
  }

  /** Text of a char[n] field: closed with zero, or full. */
  chars(p: Ptr, offset: number, n: number): string {
    const field = this.u8().subarray(p + offset, p + offset + n);
    const end = field.indexOf(0);
    return this.#decoder.decode(end < 0 ? field : field.subarray(0, end));
  }

  /** A copy of `n` bytes. */
  copy(p: Ptr, n: number): Uint8Array<ArrayBuffer> { return this.u8().slice(p, p + n) as Uint8Array<ArrayBuffer>; }
}

function aligned(bytes: number): number { return Math.ceil(bytes / ALIGN) * ALIGN; }
