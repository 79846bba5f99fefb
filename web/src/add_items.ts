// add_items.ts - new items for a pack, on the device: a pack with more items, made from one and from what is known of them. The
// profile knows items by their ids, so it goes on with the new pack as it is. The entry `inkling/items`; pages that add no
// items do not load it. Reading order: addItems() at the end.

import type { NewItem, Property } from './api.js';
import { isObject, itemId } from './check.js';
import { InklingError, refuse } from './errors.js';
import { ItemMap } from './item_map.js';
import { strings, TermScale, type Row, type Said } from './item_terms.js';
import { readFile, writeFile, type Tensor } from './safetensors.js';

const LINEAR = '(?:item_knn|rp3|slope_one|ease|slim|spectral|user_knn)';
/** Tensors whose first length may equal the number of items by chance, and those that are written apart. */
const OTHERS = /^(items\.|events\.|hybrid\.|content\.)|\.(gram|settings)$/;
const KEEPS_LAST = new RegExp(`^${LINEAR}\\.ends$`);
const IS_ZERO = new RegExp(`^(popular\\.scores|${LINEAR}\\.(scale|shift_scale|item_weights)|[a-z0-9_]+\\.bias)$`);
const VECTORS = /^([a-z0-9_]+)\.(items8?|fold)$/;
const VECTOR_SIDE = /^[a-z0-9_]+\.(items8?|fold)\.(scale|sum|err)$/;

const encoder = new TextEncoder();
const bytesOf = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function joined(a: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(more.reduce((n, b) => n + b.length, a.length));
  let at = 0;
  for (const part of [a, ...more]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A place to collect what the pack becomes. */
class Growing {
  readonly tensors: Map<string, Tensor>;
  constructor(tensors: Map<string, Tensor>) { this.tensors = tensors; }

  get(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new InklingError('PACK_MISSING', `the pack has no tensor ${name}`);
    return tensor;
  }

  /** Adds elements behind the last row; `rows`: how many, where it is not the elements' number. */
  append(name: string, more: ArrayBufferView, rows?: number): void {
    const { dtype, shape, bytes } = this.get(name), [n = 0, ...rest] = shape;
    const size = n === 0 ? 0 : bytes.length / n;
    this.tensors.set(name, { dtype, shape: [n + (rows ?? more.byteLength / (size || 1)), ...rest], bytes: joined(bytes, bytesOf(more)) });
  }

  /** Adds strings to a string list. */
  text(stem: string, more: readonly string[]): void {
    const parts = more.map((one) => encoder.encode(one));
    let end = this.get(`${stem}.bytes`).bytes.length;
    const ends = Uint32Array.from(parts, (part) => (end += part.length));
    const { dtype, bytes } = this.get(`${stem}.bytes`), all = joined(bytes, ...parts);
    this.tensors.set(`${stem}.bytes`, { dtype, shape: [all.length], bytes: all });
    this.append(`${stem}.ends`, ends, more.length);
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
  return a.length - b.length;
}

function addIds(pack: Growing, ids: readonly string[]): void {
  pack.text('items.id', ids);
  const all = strings(pack.get('items.id.bytes'), pack.get('items.id.ends')).map((id) => encoder.encode(id));
  const order = Uint32Array.from(all.keys()).sort((a, b) => compare(all[a] ?? new Uint8Array(), all[b] ?? new Uint8Array()));
  pack.tensors.set('items.id.order', { dtype: 'U32', shape: [all.length], bytes: bytesOf(order) });
}

// ------------------------------------------------------------------ columns

/** Which of all items, old and new, have no value. */
function addMissing(pack: Growing, stem: string, before: number, values: readonly (Property | undefined)[]): void {
  const old = pack.tensors.get(`${stem}.missing`), n = before + values.length;
  if (old === undefined && values.every((v) => v !== null && v !== undefined)) return;
  const bits = new Uint8Array(Math.ceil(n / 8));
  if (old) bits.set(old.bytes);
  values.forEach((v, i) => { if (v === null || v === undefined) bits[(before + i) >> 3]! |= 1 << ((before + i) & 7); });
  pack.tensors.set(`${stem}.missing`, { dtype: 'U8', shape: [bits.length], bytes: bits });
}

function addTags(pack: Growing, stem: string, values: readonly (readonly string[])[]): void {
  const names = strings(pack.get(`${stem}.names.bytes`), pack.get(`${stem}.names.ends`)), fresh: string[] = [], index = new Map(names.map((s, i) => [s, i]));
  for (const tag of values.flat()) {
    if (index.has(tag)) continue;
    index.set(tag, names.length + fresh.length);
    fresh.push(tag);
  }
  if (index.size > 65536) throw new InklingError('LIMIT', `${stem} would have more than 65536 tags`);
  pack.text(`${stem}.names`, fresh);
  const { dtype, shape } = pack.get(`${stem}.values`), numbers = values.flatMap((list) => list.map((tag) => index.get(tag) ?? 0));
  let end = shape[0] ?? 0;
  const all = joined(pack.get(`${stem}.values`).bytes, bytesOf(dtype === 'U16' ? Uint16Array.from(numbers) : Uint32Array.from(numbers)));
  pack.tensors.set(`${stem}.values`, { dtype, shape: [end + numbers.length], bytes: all });
  pack.append(`${stem}.ends`, Uint32Array.from(values, (list) => (end += list.length)), values.length);
}

const NUMBERS = { U8: Uint8Array, I8: Int8Array, U16: Uint16Array, I16: Int16Array, U32: Uint32Array, I32: Int32Array, F32: Float32Array, F64: Float64Array } as const;

/** Numbers that the column's type cannot hold make it one of F64. */
function addNumbers(pack: Growing, stem: string, values: readonly number[]): void {
  const { dtype, bytes, shape } = pack.get(stem), Kind = NUMBERS[dtype as keyof typeof NUMBERS];
  if (Kind === undefined) throw new InklingError('PACK_DTYPE', `${stem} is ${dtype}, which new items cannot be added to`);
  const fit = Kind.from(values), old = new Kind(bytes.slice().buffer);
  const exact = values.every((v, i) => fit[i] === v);
  pack.tensors.set(stem, { dtype: exact ? dtype : 'F64', shape: [(shape[0] ?? 0) + values.length],
    bytes: exact ? joined(bytes, bytesOf(fit)) : bytesOf(Float64Array.from([...old, ...values])) });
}

const textOf = (column: string, v: Property | undefined): string => {
  if (v === null || v === undefined) return '';
  if (typeof v !== 'string') throw refuse(`${column} of a new item`, v, 'a text, as in the pack');
  return v;
};
const tagsOf = (column: string, v: Property | undefined): readonly string[] => {
  if (v === null || v === undefined) return [];
  if (!Array.isArray(v) || !v.every((tag) => typeof tag === 'string')) throw refuse(`${column} of a new item`, v, 'a list of tags, as in the pack');
  return [...new Set(v as string[])];
};
const numberOf = (column: string, v: Property | undefined): number => {
  if (v === null || v === undefined) return 0;
  if (typeof v !== 'number' || !Number.isFinite(v)) throw refuse(`${column} of a new item`, v, 'a finite number, as in the pack');
  return v;
};

/** Every column of the pack; what it says of each new item in words and tags. */
function addColumns(pack: Growing, before: number, items: readonly NewItem[]): Said[] {
  const said: { column: string; text?: string; tags?: readonly string[] }[][] = items.map(() => []), names = [...pack.tensors.keys()];
  for (const name of names) {
    const column = /^items\.([a-z0-9_]+)(\.bytes|\.names\.bytes)?$/.exec(name);
    if (!column || column[1] === undefined || column[1] === 'id') continue;
    const stem = `items.${column[1]}`, values = items.map((item) => item.properties?.[column[1] ?? '']);
    if (column[2] === '.bytes') {
      const texts = values.map((v) => textOf(stem, v));
      pack.text(stem, texts);
      texts.forEach((text, i) => said[i]?.push({ column: column[1] ?? '', text }));
    } else if (column[2] === '.names.bytes') {
      const tags = values.map((v) => tagsOf(stem, v));
      addTags(pack, stem, tags);
      tags.forEach((list, i) => said[i]?.push({ column: column[1] ?? '', tags: list }));
    } else addNumbers(pack, stem, values.map((v) => numberOf(stem, v)));
    addMissing(pack, stem, before, values);
  }
  return said;
}

// ------------------------------------------------------------------- models

function addTerms(pack: Growing, rows: readonly Row[]): void {
  const { dtype: colType } = pack.get('content.cols'), { dtype } = pack.get('content.values');
  const cols = rows.flatMap((row) => row.cols), most = rows.map((row) => Math.fround(Math.max(0, ...row.weights)));
  let end = pack.get('content.cols').shape[0] ?? 0;
  const grow = (name: string, more: ArrayBufferView): void => {
    const tensor = pack.get(name);
    pack.tensors.set(name, { dtype: tensor.dtype, shape: [(tensor.shape[0] ?? 0) + cols.length], bytes: joined(tensor.bytes, bytesOf(more)) });
  };
  const ends = Uint32Array.from(rows, (row) => (end += row.cols.length));
  grow('content.cols', colType === 'U16' ? Uint16Array.from(cols) : Uint32Array.from(cols));
  if (dtype === 'F32') grow('content.values', Float32Array.from(rows.flatMap((row) => row.weights)));
  else {
    grow('content.values', Int8Array.from(rows.flatMap((row, i) => row.weights.map((w) => Math.floor(w / (most[i] || 1) * 127 + 0.5)))));
    pack.append('content.scale', Float32Array.from(most, (m) => m / 127), rows.length);
  }
  pack.append('content.ends', ends, rows.length);
  if (pack.tensors.has('content.bias')) pack.append('content.bias', new Float32Array(rows.length), rows.length);
}

/** int8 rows with their sides, as core/rank/quant.c makes them. */
function quantised(rows: readonly Float32Array[]): { q: Int8Array; scale: Float32Array; sum: Int32Array; err: Float32Array } {
  const scale = Float32Array.from(rows, (row) => Math.fround(row.reduce((m, x) => Math.max(m, Math.abs(x)), 0) / 127));
  const q = rows.map((row, i) => Int8Array.from(row, (x) => (scale[i] ? Math.round(x / (scale[i] ?? 1)) : 0)));
  const lost = rows.map((row, i) => Math.sqrt(row.reduce((sum, x, j) => sum + (x - (scale[i] ?? 0) * (q[i]?.[j] ?? 0)) ** 2, 0)));
  return { q: Int8Array.from(q.flatMap((row) => [...row])), scale, sum: Int32Array.from(q, (row) => row.reduce((a, b) => a + b, 0)),
    err: Float32Array.from(lost, (x) => (x > 0 ? x * (1 + 2 ** -19) + 2 ** -126 : 0)) };
}

/** Vectors as given, else by what the items say of themselves; the fold side of a model stays 0: nobody has chosen them. */
function addVectors(pack: Growing, name: string, family: string, items: readonly NewItem[], said: readonly Row[], map: ItemMap | null): void {
  const { dtype, shape } = pack.get(name), d = shape[1] ?? 0, main = `${family}.items`;
  const rows = items.map((item, i) => {
    const given = item.vectors?.[family.replaceAll('_', '-')], row = said[i];
    if (name.endsWith('fold')) return new Float32Array(d);
    if (given === undefined) return map && row ? map.vector(row, main) : new Float32Array(d);
    if (given.length !== d || !Array.from(given).every(Number.isFinite)) throw refuse(`a vector of a new item for ${family}`, given.length, `${d} finite numbers`);
    return Float32Array.from(given);
  });
  if (dtype === 'I8') {
    const { q, scale, sum, err } = quantised(rows);
    pack.append(name, q, rows.length);
    for (const [side, data] of [['scale', scale], ['sum', sum], ['err', err]] as const) pack.append(`${name}.${side}`, data, rows.length);
  } else if (dtype === 'F32') pack.append(name, Float32Array.from(rows.flatMap((row) => [...row])), rows.length);
  else if (rows.every((row) => row.every((x) => x === 0))) pack.append(name, new Uint16Array(rows.length * d), rows.length);
  else throw new InklingError('PACK_DTYPE', `${name} is ${dtype}; new items with vectors need F32 or I8`);
}

function addModels(pack: Growing, before: number, items: readonly NewItem[], rows: readonly Row[]): void {
  const fresh = items.length, map = rows.length > 0 ? new ItemMap(new Map(pack.tensors)) : null;
  for (const [name, { dtype, shape }] of [...pack.tensors]) {
    if (OTHERS.test(name) || shape[0] !== before || VECTOR_SIDE.test(name)) continue;
    const vectors = VECTORS.exec(name);
    if (name === 'popular.scores') pack.append(name, Float32Array.from(items, (item) => item.popularity ?? 0), fresh);
    else if (vectors && shape.length === 2) addVectors(pack, name, vectors[1] ?? '', items, rows, map);
    else if (KEEPS_LAST.test(name)) pack.append(name, new Uint32Array(fresh).fill(new Uint32Array(pack.get(name).bytes.slice().buffer)[before - 1] ?? 0), fresh);
    else if (IS_ZERO.test(name) && dtype === 'F32') pack.append(name, new Float32Array(fresh), fresh);
    else throw new InklingError('ARG', `new items cannot join the model of ${name}; a pack for them has content, factors, item neighbours or popularity`);
  }
}

/** A pack with more items. See api.d.ts. */
export function addItems(pack: ArrayBuffer | Uint8Array, items: readonly NewItem[]): Uint8Array<ArrayBuffer> {
  const file = readFile(pack instanceof ArrayBuffer ? new Uint8Array(pack) : pack), grown = new Growing(file.tensors);
  const known = strings(grown.get('items.id.bytes'), grown.get('items.id.ends')), seen = new Set(known);
  if (!Array.isArray(items)) throw refuse('items', items, 'an array of new items');
  for (const item of items as readonly NewItem[]) {
    if (!isObject(item)) throw refuse('a new item', item, '{ id, properties }');
    if (seen.has(itemId(item.id))) throw refuse('the id of a new item', item.id, 'one that the pack has not, each once');
    seen.add(item.id);
    if (item.popularity !== undefined && !Number.isFinite(item.popularity)) throw refuse('popularity', item.popularity, 'a finite number');
  }
  const said = addColumns(grown, known.length, items), terms = grown.tensors.has('content.ends') ? new TermScale(file.tensors) : null;
  const rows = terms ? said.map((one) => terms.row(one)) : [];
  addModels(grown, known.length, items, rows);
  if (terms) addTerms(grown, rows);
  addIds(grown, items.map((item) => item.id));
  return writeFile(file);
}
