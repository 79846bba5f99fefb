// lib.mjs - runs the built command line in a folder of its own, and looks into packs without any of its code.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after } from 'node:test';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const program = process.env.INKLING_BIN ?? join(root, 'build/inkling');
export const golden = join(root, 'tests/golden');

/** A folder that goes when the tests are over. */
export const folder = mkdtempSync(join(tmpdir(), 'inkling-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));
export const at = (name) => join(folder, name);
export const put = (name, content) => { writeFileSync(at(name), content); return at(name); };
export const files = () => readdirSync(folder).sort();

/** Exit code, what was printed, and standard output as JSON where it is. A signal gives code null. */
export function run(args, { input = '', env = {}, shell, timeout = 60_000 } = {}) {
  const options = { input, cwd: folder, encoding: 'utf8', timeout, maxBuffer: 1 << 28, env: { ...process.env, ...env } };
  const { status, signal, stdout, stderr } = shell
    ? spawnSync('sh', ['-c', `${shell}; exec "$0" "$@"`, program, ...args], options)
    : spawnSync(program, args, options);
  let json;
  try { json = JSON.parse(stdout); } catch { /* text */ }
  return { code: status, signal, stdout, stderr, json };
}

/** Header and tensors of a safetensors file, by this project's own choice read without its code. */
export function readPack(path) {
  const bytes = readFileSync(path);
  const n = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.subarray(8, 8 + n).toString());
  const data = bytes.subarray(8 + n);
  const views = { F32: Float32Array, F64: Float64Array, U8: Uint8Array, I8: Int8Array, U16: Uint16Array, U32: Uint32Array, I32: Int32Array };
  const tensor = (name) => {
    const { dtype, shape, data_offsets: [first, end] } = tensors[name];
    return { shape, values: new views[dtype](data.buffer.slice(data.byteOffset + first, data.byteOffset + end)) };
  };
  const strings = (stem) => {
    const { values: text } = tensor(`${stem}.bytes`), { values: ends } = tensor(`${stem}.ends`);
    return [...ends].map((end, i) => Buffer.from(text.subarray(i ? ends[i - 1] : 0, end)).toString());
  };
  return { metadata, names: Object.keys(tensors), tensor, strings, dataAt: 8 + n, bytes };
}

/** Numbers that are the same on every machine: mulberry32. */
export function random(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Ratings of two groups of people who like two groups of films: a CSV with a header, times ascending. */
export function ratingsCsv({ people = 60, films = 40, each = 12, seed = 1, from = 0 } = {}) {
  const next = random(seed), lines = ['userId,movieId,rating,timestamp'];
  for (let u = from; u < from + people; u++) {
    const seen = new Set();
    while (seen.size < each) {
      const own = next() < 0.85;
      const film = Math.floor(next() * films / 2) * 2 + (own ? u % 2 : 1 - (u % 2));
      if (seen.has(film)) continue;
      seen.add(film);
      lines.push(`u${u},f${film},${own ? 4 + Math.floor(next() * 2) : 1 + Math.floor(next() * 2)},${1_600_000_000 + u * 1000 + seen.size}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function filmsCsv(films = 40) {
  return ['id,title,year,genres', ...Array.from({ length: films }, (_, i) => `f${i},"Film ${i}, the ${i % 2 ? 'odd' : 'even'}",${1950 + i},${i % 2 ? 'Drama|Odd' : 'Comedy'}`)].join('\n') + '\n';
}

/** A small trained pack, made once a test file. */
export function smallPack(name = 'small.safetensors', extra = []) {
  put('ratings.csv', ratingsCsv());
  put('films.csv', filmsCsv());
  const made = run(['train', 'als', '--events', 'ratings.csv', '--items', 'films.csv', '--set', 'factors=8', '--set', 'feedback=implicit', '-o', name, ...extra]);
  if (made.code !== 0) throw new Error(made.stderr);
  return at(name);
}
