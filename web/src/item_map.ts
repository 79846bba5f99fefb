// item_map.ts - from what an item says of itself to a place among factors, so that a new item takes part in a factor model at
// once: ridge regression of vectors on terms, in its dual form and over the items that are nearest by content,
//     y = sum_i a_i (y_i - m) + m,   (K + lambda I) a = k,   K: cosines of terms among them, k: with the new item, m: their mean.
// Mapping attributes to factors: Gantner et al. 2010. The two numbers were tried on held-back films and books (docs/results.md).

import type { Row } from './item_terms.js';
import type { Tensor } from './safetensors.js';

const NEAREST = 50;
const LAMBDA = 10;

/** The rows of a sparse or dense tensor as numbers. */
const numbers = (t: Tensor): Float32Array | Int8Array | Uint16Array | Uint32Array => {
  const data = t.bytes.slice().buffer;
  return t.dtype === 'F32' ? new Float32Array(data) : t.dtype === 'I8' ? new Int8Array(data) : t.dtype === 'U16' ? new Uint16Array(data) : new Uint32Array(data);
};

/** x of a x = b for a symmetric, positive definite a [n, n] (its lower half is read and spent). */
function solve(a: Float64Array, b: Float64Array, n: number): Float64Array {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  return x;
}

export class ItemMap {
  readonly #ends: Uint32Array;
  readonly #cols: ArrayLike<number>;
  readonly #values: ArrayLike<number>;
  readonly #scale: ArrayLike<number> | null;
  readonly #sums: Float64Array;               // [terms] the item at hand, spread out
  readonly #tensors: ReadonlyMap<string, Tensor>;

  /** `tensors`: of the pack as it was before items were added. */
  constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.#tensors = tensors;
    const get = (name: string): Tensor => tensors.get(`content.${name}`)!;
    this.#ends = numbers(get('ends')) as Uint32Array;
    this.#cols = numbers(get('cols'));
    this.#values = numbers(get('values'));
    this.#scale = tensors.has('content.scale') ? numbers(get('scale')) : null;
    this.#sums = new Float64Array(get('terms.ends').shape[0] ?? 0);
  }

  #dot(item: number): number {
    let sum = 0;
    for (let z = item ? this.#ends[item - 1]! : 0; z < this.#ends[item]!; z++) sum += this.#sums[this.#cols[z]!]! * this.#values[z]!;
    return sum * (this.#scale?.[item] ?? 1);
  }

  #spread(item: number): void {
    this.#sums.fill(0);
    for (let z = item ? this.#ends[item - 1]! : 0; z < this.#ends[item]!; z++) this.#sums[this.#cols[z]!] = this.#values[z]! * (this.#scale?.[item] ?? 1);
  }

  /** A vector for a new item's terms among the rows of `name` [n, d]; zeros where nobody with a vector shares a term. */
  vector(row: Row, name: string): Float32Array {
    const items = this.#tensors.get(name)!, scale = this.#tensors.get(`${name}.scale`);
    if (items.dtype !== 'F32' && items.dtype !== 'I8') return new Float32Array(items.shape[1] ?? 0);
    const d = items.shape[1] ?? 0, data = numbers(items), scales = scale ? numbers(scale) : null;
    const at = (item: number, k: number): number => data[item * d + k]! * (scales?.[item] ?? 1);
    const counts = (item: number): boolean => data.subarray(item * d, item * d + d).some((x) => x !== 0);
    this.#sums.fill(0);
    row.cols.forEach((c, z) => { this.#sums[c] = row.weights[z]!; });
    const near = Array.from(this.#ends.keys(), (i) => [i, this.#dot(i)] as const).filter(([i, x]) => x > 0 && counts(i))
      .sort((x, y) => y[1] - x[1] || x[0] - y[0]).slice(0, NEAREST), n = near.length;
    const kernel = new Float64Array(n * n), out = new Float64Array(d), mean = new Float64Array(d);
    for (const [r, [i]] of near.entries()) {
      this.#spread(i);
      for (let c = 0; c <= r; c++) kernel[r * n + c] = this.#dot(near[c]![0]) + (c === r ? LAMBDA : 0);
      for (let k = 0; k < d; k++) mean[k]! += at(i, k) / n;
    }
    const weights = solve(kernel, Float64Array.from(near, ([, x]) => x), n);
    for (const [r, [i]] of near.entries()) for (let k = 0; k < d; k++) out[k]! += weights[r]! * (at(i, k) - mean[k]!);
    return Float32Array.from(out, (x, k) => x + mean[k]!);
  }
}
