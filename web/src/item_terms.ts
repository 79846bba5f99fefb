// item_terms.ts - the words and tags of a new item, weighed as the pack's own items were: `content.*`, FORMAT.md section 4.

import { InklingError } from './errors.js';
import type { Tensor } from './safetensors.js';
import { words } from './text_words.js';

/** What an item says of itself: column by column, a text or a list of tags. */
export type Said = readonly { readonly column: string; readonly text?: string; readonly tags?: readonly string[] }[];

export interface Row { readonly cols: readonly number[]; readonly weights: readonly number[] }

const f32s = (t: Tensor): Float32Array => new Float32Array(t.bytes.slice().buffer);
const u32s = (t: Tensor): Uint32Array => new Uint32Array(t.bytes.slice().buffer);

/** A string list of the pack. */
export function strings(bytes: Tensor, ends: Tensor): string[] {
  const decoder = new TextDecoder();
  let start = 0;
  return Array.from(u32s(ends), (end) => {
    const one = decoder.decode(bytes.bytes.subarray(start, end));
    start = end;
    return one;
  });
}

export class TermScale {
  readonly #numbers = new Map<string, number>();
  readonly #idf: Float32Array;
  readonly #rule: Float32Array;

  constructor(tensors: ReadonlyMap<string, Tensor>) {
    const need = (name: string): Tensor => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new InklingError('PACK_MISSING', `the pack has no ${name}: it says nothing of how new items are weighed`);
      return tensor;
    };
    strings(need('content.terms.bytes'), need('content.terms.ends')).forEach((term, i) => this.#numbers.set(term, i));
    this.#idf = f32s(need('content.idf'));
    this.#rule = f32s(need('content.weighting'));
  }

  #counts(said: Said): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { column, text, tags } of said) {
      for (const term of [...(text === undefined ? [] : words(text)), ...(tags ?? []).map((tag) => `${column}:${tag}`)]) {
        const number = this.#numbers.get(term);
        if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** A row of length 1, or an empty one where the item shares no term with the pack. */
  row(said: Said): Row {
    const [scheme = 0, sublinear = 0, k1 = 0, b = 0, average = 1, tagWeight = 1] = this.#rule;
    const counts = this.#counts(said), cols = [...counts.keys()].sort((x, y) => x - y);
    const length = cols.reduce((sum, c) => sum + (counts.get(c) ?? 0), 0);
    const tags = new Set<number>();
    for (const { column, tags: list } of said) for (const tag of list ?? []) tags.add(this.#numbers.get(`${column}:${tag}`) ?? -1);
    const weights = cols.map((c) => {
      const n = counts.get(c) ?? 0;
      const tf = scheme === 1 ? n * (k1 + 1) / (n + k1 * (1 - b + b * length / average)) : sublinear ? 1 + Math.log(n) : n;
      return tf * (this.#idf[c] ?? 0) * (tags.has(c) ? tagWeight : 1);
    });
    const norm = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0));
    return norm > 0 ? { cols, weights: weights.map((w) => w / norm) } : { cols: [], weights: [] };
  }
}
