// layers.mjs - dependencies point one way: reads every #include of C files and every import of
// TypeScript and JavaScript, and names each step back. The table is rooms.txt.
// File names are unique in the tree (style), so a quoted include tells its room by its name alone.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { walk } from './walk.mjs';

const FREESTANDING = /^(stddef|stdint|stdbool|limits|float)\.h$/;
const INTRINSICS = /^(immintrin|emmintrin|x86intrin|cpuid|arm_neon|wasm_simd128)\.h$/;
const OUTSIDE = /^cjson\//;

/** rooms.txt as a map: room -> { rooms: Set, libc: boolean }. */
export function readRooms(text) {
  const rooms = new Map();
  for (const line of text.split('\n')) {
    const [, name, rest] = line.match(/^([\w/]+):(.*)$/) ?? [];
    if (!name) continue;
    const words = rest.split(/\s+/).filter(Boolean);
    rooms.set(name, { libc: words.includes('libc'), rooms: new Set(words.filter((w) => /^\w+$/.test(w) && w !== 'libc')) });
  }
  return rooms;
}

// core/kernel/x.h -> kernel; core/include -> include; wasm/x.c -> wasm; tests, web, demo as they are.
function roomOf(path) {
  const parts = path.split('/');
  return parts[0] === 'core' ? parts[1] : parts[0];
}

// core/train/data/x.h -> train/data; core/train/x.h -> train
const folderOf = (path) => dirname(path).replace(/^core\//, '');

/** Steps back among the C files of `root`. */
export function includeFaults(root, rooms) {
  const files = walk(root, ['core', 'wasm', 'edge', 'tests'], /\.[ch]$/);
  const home = new Map();
  const faults = [];
  for (const path of files) {
    const name = basename(path);
    if (home.has(name) && !path.startsWith('tests/')) faults.push(`${path}: ${home.get(name)} has the same name`);
    home.set(name, path);
  }
  for (const path of files.filter((p) => !p.startsWith('tests/'))) {
    const room = roomOf(path);
    const lines = readFileSync(join(root, path), 'utf8').split('\n');
    lines.forEach((line, i) => {
      const [, open, name] = line.match(/^\s*#\s*include\s+([<"])([^>"]+)[>"]/) ?? [];
      if (!name) return;
      const fault = open === '<' ? systemFault(room, name, path, rooms) : quotedFault(path, name, home, rooms);
      if (fault) faults.push(`${path}:${i + 1}: ${fault}`);
    });
  }
  return faults;
}

function systemFault(room, name, path, rooms) {
  if (FREESTANDING.test(name) || rooms.get(room)?.libc) return null;
  if (INTRINSICS.test(name) && path.startsWith('core/kernel/')) return null;
  if (OUTSIDE.test(name) && room === 'edge') return null;
  return `<${name}>: core/${room} knows no C library`;
}

function quotedFault(from, name, home, rooms) {
  const path = home.get(basename(name)), room = roomOf(from);
  if (!path) return `"${name}" is nowhere in the tree`;
  const target = roomOf(path);
  if (target === 'include') return null;
  if (target === room) return folderFault(folderOf(from), folderOf(path), room, rooms, name);
  if (!rooms.has(room)) return `rooms.txt does not know the room ${room}`;
  return rooms.get(room).rooms.has(target) ? null : `"${name}" is in ${target}, which ${room} may not use`;
}

// A room's folders: what lies in the room itself is open to them, and may name any of them.
function folderFault(from, target, room, rooms, name) {
  if (from === target || from === room || target === room) return null;
  if (!rooms.has(from)) return `rooms.txt does not know the folder ${from}`;
  return rooms.get(from).rooms.has(basename(target)) ? null : `"${name}" is in ${target}, which ${from} may not use`;
}

// What each folder of JavaScript may import beside node's own modules and its own files.
const SCRIPTS = [
  { folder: 'web/src', packages: 'web/package.json', node: false },
  { folder: 'edge', packages: ['inkling/edge', 'inkling/inkling.wasm', 'pack.safetensors'], node: false },
  { folder: 'demo', packages: ['inkling'], node: true },
];
const NODE_FILES = /(_node\.ts|\.test\.\w+|serve\.mjs|terminal\.mjs|build\.mjs|shim\.mjs)$/;

function declared(root, packages) {
  if (Array.isArray(packages)) return packages;
  const { dependencies = {}, imports = {} } = JSON.parse(readFileSync(join(root, packages), 'utf8'));
  return [...Object.keys(dependencies), ...Object.keys(imports)];
}

/** Steps back among the scripts of `root`. */
export function importFaults(root) {
  const faults = [];
  for (const { folder, packages, node } of SCRIPTS) {
    for (const path of walk(root, [folder], /\.(ts|mjs|js)$/)) {
      const text = readFileSync(join(root, path), 'utf8');
      const allowed = declared(root, packages);
      for (const [, from] of text.matchAll(/^\s*(?:import|export)\b[^;'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]/gm)) {
        if (!from) continue;
        const inside = from.startsWith('.') && `${normalize(join(dirname(path), from))}`.startsWith(folder);
        const builtin = from.startsWith('node:') && (node || NODE_FILES.test(path));
        if (!inside && !builtin && !allowed.includes(from)) faults.push(`${path}: imports '${from}', which ${folder} may not use`);
      }
    }
  }
  return faults;
}

export function check(root) {
  const rooms = readRooms(readFileSync(new URL('rooms.txt', import.meta.url), 'utf8'));
  return [...includeFaults(root, rooms), ...importFaults(root)];
}
