// fixture.mjs - a small pack made here, by a writer that shares no code with the core: four genres of films, whose vectors
// point four ways. Also runs in pages and workers. makePack({ items, factors }) makes larger ones for measuring; sequence: true
// adds a gru whose state is the last event's vector, so that it answers with the last film's genre.

/** Numbers in [0, 1) from a seed (mulberry32). */
export function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const SIZES = { U8: 1, I8: 1, F32: 4, U32: 4, I32: 4 };

/** A safetensors file: tensors {name: {dtype, shape, data}}, largest elements first, then by name. */
export function safetensors(tensors, metadata) {
  const names = Object.keys(tensors).sort((a, b) => SIZES[tensors[b].dtype] - SIZES[tensors[a].dtype] || (a < b ? -1 : 1));
  const header = { __metadata__: metadata };
  let at = 0;
  for (const name of names) {
    const { dtype, shape, data } = tensors[name];
    header[name] = { dtype, shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  let json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil((8 + json.length) / 64) * 64 - 8;
  const file = new Uint8Array(8 + padded + at).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(json, 8);
  for (const name of names) {
    const { data } = tensors[name];
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + padded + header[name].data_offsets[0]);
  }
  return file;
}

/** Strings as bytes and ends. */
function texts(strings) {
  const encoded = strings.map((s) => new TextEncoder().encode(s)), ends = new Uint32Array(strings.length);
  const bytes = new Uint8Array(encoded.reduce((n, e) => n + e.length, 0));
  let at = 0;
  encoded.forEach((e, i) => { bytes.set(e, at); ends[i] = at += e.length; });
  return { bytes, ends };
}

const order = (strings) => Uint32Array.from(strings.map((_, i) => i).sort((a, b) => compare(strings[a], strings[b])));
function compare(a, b) {
  const x = new TextEncoder().encode(a), y = new TextEncoder().encode(b);
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
}

export const GENRES = ['comedy', 'drama', 'horror', 'sci-fi'];
export const idOf = (i) => `film-${i}`;
export const genreOf = (i) => GENRES[i % 4];

/** z = 0, n = tanh x: a cell that forgets all but the last event. */
function forgetful(vectors, items, d, f32) {
  const input = new Float32Array(3 * d * d), bias = new Float32Array(3 * d).fill(-30, d, 2 * d);
  for (let j = 0; j < d; j++) input[(2 * d + j) * d + j] = 1;
  return {
    'gru.settings': f32(Float32Array.of(20, 0, 0, 0), 4), 'gru.embedding.weight': f32(vectors, items, d), 'gru.weight_ih_l0': f32(input, 3 * d, d),
    'gru.weight_hh_l0': f32(new Float32Array(3 * d * d), 3 * d, d), 'gru.bias_ih_l0': f32(bias, 3 * d), 'gru.bias_hh_l0': f32(new Float32Array(3 * d), 3 * d),
  };
}

export function makePack({ items = 40, factors = 8, seed = 7, sequence = false } = {}) {
  const next = random(seed), noise = () => next() - 0.5;
  const ids = Array.from({ length: items }, (_, i) => idOf(i));
  const vectors = new Float32Array(items * factors);
  for (let i = 0; i < items; i++) {
    for (let d = 0; d < factors; d++) vectors[i * factors + d] = (d % 4 === i % 4 ? 0.6 : 0) + 0.25 * noise();
  }
  const gram = new Float32Array(factors * factors);
  for (let a = 0; a < factors; a++) {
    for (let b = 0; b < factors; b++) {
      let sum = 0;
      for (let i = 0; i < items; i++) sum += vectors[i * factors + a] * vectors[i * factors + b];
      gram[a * factors + b] = sum;
    }
  }
  const f32 = (data, ...shape) => ({ dtype: 'F32', shape, data });
  const id = texts(ids), title = texts(ids.map((_, i) => `Film ${i}: ${['a laugh', 'tears', 'the cellar', '星'][i % 4]}`));
  const tags = texts(GENRES);
  return safetensors({
    'items.id.bytes': { dtype: 'U8', shape: [id.bytes.length], data: id.bytes },
    'items.id.ends': { dtype: 'U32', shape: [items], data: id.ends },
    'items.id.order': { dtype: 'U32', shape: [items], data: order(ids) },
    'items.title.bytes': { dtype: 'U8', shape: [title.bytes.length], data: title.bytes },
    'items.title.ends': { dtype: 'U32', shape: [items], data: title.ends },
    'items.year': f32(Float32Array.from(ids, (_, i) => 1950 + (i % 70)), items),
    'items.genres.values': { dtype: 'U32', shape: [items], data: Uint32Array.from(ids, (_, i) => i % 4) },
    'items.genres.ends': { dtype: 'U32', shape: [items], data: Uint32Array.from(ids, (_, i) => i + 1) },
    'items.genres.names.bytes': { dtype: 'U8', shape: [tags.bytes.length], data: tags.bytes },
    'items.genres.names.ends': { dtype: 'U32', shape: [4], data: tags.ends },
    'popular.scores': f32(Float32Array.from(ids, (_, i) => items - i), items),
    'als.items': f32(vectors, items, factors),
    'als.gram': f32(gram, factors, factors),
    'als.settings': f32(Float32Array.of(0, 0.1, 1, 0, 1, 0, 0.1, 1, 0, 0, 1, 5), 12),
    ...sequence ? forgetful(vectors, items, factors, f32) : {},
  }, { inkling: '1', models: sequence ? 'als,gru,popular' : 'als,popular', name: 'four genres', licence: 'CC0-1.0', 'als.factors': String(factors) });
}
