// pack.ts - a pack in linear memory: the gate, ids, columns, metadata. Items are numbers here.

import type { PackInfo, Property } from './api.js';
import { COLUMN, INK_FAULT, INK_TEXT, STATUS, type PackPtr, type Ptr } from './bindings.gen.js';
import { checkStatus, measured } from './errors.js';
import type { Memory, Text } from './memory.js';

interface Column { readonly index: number; readonly kind: number }
const KINDS: Readonly<Record<number, 'number' | 'text' | 'tags'>> = { [COLUMN.NUMBER]: 'number', [COLUMN.TEXT]: 'text', [COLUMN.TAGS]: 'tags' };

export class Pack {
  readonly ptr: PackPtr;
  readonly info: Omit<PackInfo, 'models'>;
  readonly #memory: Memory;
  readonly #columns = new Map<string, Column>();

  /** Checks every byte of a file that lies in memory already. @throws InklingError PACK_* */
  constructor(memory: Memory, file: Text) {
    const { raw } = memory;
    this.#memory = memory;
    const bytes = measured(memory, (out, fault) => raw.pack_measure(file.ptr, file.bytes, out, fault));
    const region = memory.region(bytes);
    this.ptr = measured<PackPtr>(memory, (out, fault) => raw.pack_open(file.ptr, file.bytes, region, bytes, out, fault));
    this.info = this.#describe(file.bytes);
  }

  #describe(bytes: number): Omit<PackInfo, 'models'> {
    const memory = this.#memory, { raw } = memory;
    return memory.withScratch((s) => {
      const key = s.take(INK_TEXT.$bytes), value = s.take(INK_TEXT.$bytes);
      const metadata = new Map<string, string>();
      for (let i = 0; i < raw.pack_n_metadata(this.ptr) >>> 0; i++) {
        checkStatus(memory, raw.pack_metadata_at(this.ptr, i, key, value));
        metadata.set(plain(memory.text(key)), plain(memory.text(value)));
      }
      for (let i = 0; i < raw.pack_n_columns(this.ptr) >>> 0; i++) {
        checkStatus(memory, raw.pack_column_at(this.ptr, i, key, value));
        this.#columns.set(memory.text(key), { index: i, kind: memory.u32(value) });
      }
      return {
        name: metadata.get('name') ?? '', licence: metadata.get('licence') ?? '', items: raw.pack_n_items(this.ptr) >>> 0, bytes,
        columns: Object.fromEntries([...this.#columns].map(([name, { kind }]) => [name, KINDS[kind] ?? 'number'])),
        metadata: Object.fromEntries(metadata),
      };
    });
  }

  /** Compares the data with the digest that the pack carries; a pack without one passes. */
  verify(): void {
    this.#memory.withScratch((s) => {
      const fault = s.take(INK_FAULT.$bytes);
      const status = this.#memory.raw.pack_verify(this.ptr, fault);
      if (status !== STATUS.PACK_METADATA) checkStatus(this.#memory, status, fault);
    });
  }

  id(item: number): string {
    return this.#memory.withScratch((s) => {
      const out = s.take(INK_TEXT.$bytes);
      this.#memory.raw.pack_item_id(this.ptr, item, out);
      return this.#memory.text(out);
    });
  }

  /** The item of an id, or NONE. */
  find(id: string): number {
    return this.#memory.withScratch((s) => {
      const text = s.text(id);
      return this.#memory.raw.pack_find(this.ptr, text.ptr, text.bytes) >>> 0;
    });
  }

  hasColumn(name: string): boolean { return this.#columns.has(name); }
  get columnNames(): readonly string[] { return [...this.#columns.keys()]; }

  /** A value of the catalogue; null where it is missing. `name` is a column. */
  property(name: string, item: number): Property {
    const column = this.#columns.get(name);
    if (column === undefined) return null;
    const memory = this.#memory, { raw } = memory;
    return memory.withScratch((s) => {
      const out: Ptr = s.take(8);
      if (column.kind === COLUMN.NUMBER) return this.#has(raw.pack_number(this.ptr, column.index, item, out)) ? memory.f64(out) : null;
      if (column.kind === COLUMN.TEXT) return this.#has(raw.pack_text(this.ptr, column.index, item, out)) ? memory.text(out) : null;
      if (!this.#has(raw.pack_n_tags(this.ptr, column.index, item, out))) return null;
      const tags: string[] = [], n = memory.u32(out);
      for (let i = 0; i < n; i++) {
        checkStatus(this.#memory, raw.pack_tag(this.ptr, column.index, item, i, out));
        tags.push(memory.text(out));
      }
      return tags;
    });
  }

  #has(status: number): boolean {
    if (status === STATUS.NOT_FOUND) return false;
    checkStatus(this.#memory, status);
    return true;
  }
}

/** Metadata stands in the file as the inside of a JSON string. */
function plain(escaped: string): string {
  if (!escaped.includes('\\')) return escaped;
  const value: unknown = JSON.parse(`"${escaped}"`);
  return typeof value === 'string' ? value : escaped;
}
