// safetensors.ts - a pack's container as JavaScript sees it, to be changed and written again: FORMAT.md, section 1. The core's
// gate checks whatever is written here when it is opened.

import { InklingError } from './errors.js';
import { sha256 } from './sha256.js';

export interface Tensor { readonly dtype: string; readonly shape: readonly number[]; readonly bytes: Uint8Array }
export interface File { readonly tensors: Map<string, Tensor>; readonly metadata: Record<string, string> }

const SIZES: Readonly<Record<string, number>> = { BOOL: 1, U8: 1, I8: 1, U16: 2, I16: 2, F16: 2, BF16: 2, U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8 };
const bad = (what: string): InklingError => new InklingError('PACK_SYNTAX', `the pack is not a safetensors file: ${what}`);

export function readFile(given: Uint8Array): File {
  const file = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);      // slices of Node's Buffer are no copies
  if (file.length < 8) throw bad('it is shorter than its length field');
  const n = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (n > file.length - 8) throw bad('its header is longer than the file');
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + n)));
  } catch {
    throw bad('its header is no JSON');
  }
  const tensors = new Map<string, Tensor>(), metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>)) {
    if (name === '__metadata__') Object.assign(metadata, value);
    else tensors.set(name, { dtype: value.dtype, shape: value.shape, bytes: file.slice(8 + n + value.data_offsets[0], 8 + n + value.data_offsets[1]) });
  }
  return { tensors, metadata };
}

const order = (a: readonly [string, Tensor], b: readonly [string, Tensor]): number =>
  (SIZES[b[1].dtype] ?? 1) - (SIZES[a[1].dtype] ?? 1) || (a[0] < b[0] ? -1 : 1);

/**
 * The file, with the digest of its own data. `trained.sha256` keeps the digest of the pack that was trained: by it evaluation
 * knows the record of whom it was trained on (FORMAT.md, section 2).
 */
export function writeFile({ tensors, metadata }: File): Uint8Array<ArrayBuffer> {
  const list = [...tensors].sort(order), { 'data.sha256': old, ...kept } = metadata;
  let at = 0;
  const entries = list.map(([name, { dtype, shape, bytes }]) => [name, { dtype, shape, data_offsets: [at, at += bytes.length] }] as const);
  const data = new Uint8Array(at);
  list.forEach(([, { bytes }], i) => data.set(bytes, entries[i]?.[1].data_offsets[0]));
  const meta = { ...kept, ...(old === undefined ? {} : { 'trained.sha256': kept['trained.sha256'] ?? old }), 'data.sha256': sha256(data) };
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: meta, ...Object.fromEntries(entries) }));
  const padded = Math.ceil((8 + json.length) / 64) * 64 - 8;
  const file = new Uint8Array(8 + padded + at).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(json, 8);
  file.set(data, 8 + padded);
  return file;
}
