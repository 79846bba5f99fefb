#!/usr/bin/env node
// gen.mjs - turns exports.json and the structs of inkling.h into everything that repeats them:
//   exports.gen              what the linked module must export, for wasm-metadce and check.mjs
//   layout.gen.h             static asserts: the compiler confirms the offsets that JavaScript uses
//   web/src/bindings.gen.ts  typed calls, struct offsets, constants
//   README.md                the table between its two marks
// `gen.mjs --check` writes nothing and fails when a file would change.
// The parser knows inkling.h's own plain style, no more; a field it cannot read is an error.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const spec = JSON.parse(readFileSync(join(here, 'exports.json'), 'utf8'));
const header = readFileSync(join(root, 'core/include/inkling.h'), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
const calls = spec.calls.filter((call) => call.name);

// ---------------------------------------------------------------- inkling.h

const SCALARS = {                       // C type -> bytes in wasm32, which are its alignment too
  char: 1, uint8_t: 1, uint32_t: 4, int32_t: 4, size_t: 4, float: 4, ptr: 4,
  uint64_t: 8, int64_t: 8, double: 8,
};

function constant(text) {
  if (/^\d+u?$/.test(text)) return Number.parseInt(text, 10);
  const found = header.match(new RegExp(`#define ${text} (\\d+)u?\\b`));
  if (!found) throw new Error(`inkling.h: what is the array length ${text}?`);
  return Number(found[1]);
}

// "const void *data" -> [{type:'ptr', name:'data', count:1}]; "double got, low" -> two
function fieldsOf(line) {
  const [, type, rest] = line.match(/^(?:const )?(\w+) (.*)$/) ?? [];
  if (!type) throw new Error(`inkling.h: cannot read the field "${line}"`);
  return rest.split(',').map((one) => {
    const [, star, name, length] = one.trim().match(/^(\*?)(\w+)(?:\[(\w+)\])?$/) ?? [];
    if (!name) throw new Error(`inkling.h: cannot read "${one}" in "${line}"`);
    return { type: star ? 'ptr' : type, name, count: length ? constant(length) : 1 };
  });
}

const layouts = {};

function layoutOf(struct) {
  if (layouts[struct]) return layouts[struct];
  const body = header.match(new RegExp(`typedef struct ${struct} \\{([^}]*)\\} ${struct};`))?.[1];
  if (!body) throw new Error(`inkling.h has no struct ${struct}`);
  const fields = [];
  let size = 0, align = 1;
  for (const line of body.split(';').map((s) => s.trim().replace(/\s+/g, ' ')).filter(Boolean)) {
    for (const field of fieldsOf(line)) {
      const inner = SCALARS[field.type] ? null : layoutOf(field.type);
      const bytes = inner?.size ?? SCALARS[field.type], to = inner?.align ?? bytes;
      const offset = Math.ceil(size / to) * to;
      fields.push({ ...field, offset, inner });
      size = offset + bytes * field.count;
      align = Math.max(align, to);
    }
  }
  return (layouts[struct] = { size: Math.ceil(size / align) * align, align, fields });
}

// A text inside a struct shows as two fields: its bytes under the field's name, its length as <name>_n.
function flat(struct) {
  return layoutOf(struct).fields.flatMap((f) => (f.type === 'ink_text'
    ? [{ name: f.name, path: `${f.name}.bytes`, offset: f.offset, type: 'ptr', count: 1 },
       { name: `${f.name}_n`, path: `${f.name}.n`, offset: f.offset + 4, type: 'uint32_t', count: 1 }]
    : [{ ...f, path: f.name }]));
}

// Names of an enum that begin with `prefix`, with their values ("= 3", "= 1u << 2" or one more).
function enumOf(prefix) {
  const out = [];
  let next = 0;
  for (const [, name, value] of header.matchAll(/\b(INK_[A-Z0-9_]+)\b(?:\s*=\s*([^,}\n]+))?\s*[,}]/g)) {
    const shift = value?.match(/^(\d+)u? << (\d+)$/);
    const number = shift ? Number(shift[1]) << Number(shift[2]) : value === undefined ? next : Number.parseInt(value, 10);
    next = number + 1;
    if (name.startsWith(prefix)) out.push([name.slice(4), number]);
  }
  if (!out.length) throw new Error(`inkling.h: no constant begins with ${prefix}`);
  return out;
}

const shifted = [...header.matchAll(/\b(INK_[A-Z_]+) = (\d+)u << (\d+)/g)].map(([, n, a, b]) => [n.slice(4), Number(a) << Number(b)]);
const status = [['OK', 0], ['REFOLD', 7], ...enumOf('INK_E_')].sort((a, b) => a[1] - b[1]);

// ------------------------------------------------------------------ outputs

const TS = { u32: 'number', f32: 'number', bytes: 'number', item: 'number', status: 'number', void: 'void',
             cstr: 'Ptr', pack: 'PackPtr', engine: 'EnginePtr', u64: 'bigint', ms: 'bigint' };
const tsType = (kind) => TS[kind] ?? (/^(in|out|io) /.test(kind) ? 'Ptr' : null) ?? (() => { throw new Error(`exports.json: kind "${kind}"`); })();

function linkList() {
  const outside = { name: 'outside', root: true, reaches: ['memory', ...calls.map((c) => c.name)] };
  return JSON.stringify([outside, { name: 'memory', export: 'memory' },
    ...calls.map((c) => ({ name: c.name, export: c.name }))], null, 1) + '\n';
}

function layoutHeader() {
  const lines = ['/* layout.gen.h - generated by gen.mjs from inkling.h; never edited.',
    ' * The offsets that web/src/bindings.gen.ts uses, confirmed by the compiler for wasm32. */',
    '#ifndef INK_LAYOUT_GEN_H', '#define INK_LAYOUT_GEN_H', '', '#include "inkling.h"', '',
    '#define INK_AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field)', ''];
  for (const struct of spec.structs) {
    lines.push(`_Static_assert(sizeof(${struct}) == ${layoutOf(struct).size}, "size of ${struct}");`);
    for (const f of flat(struct)) lines.push(`INK_AT(${struct}, ${f.path}, ${f.offset});`);
  }
  return [...lines, '', '#undef INK_AT', '', '#endif', ''].join('\n');
}

const upper = (struct) => struct.toUpperCase();
const VIEW = { ptr: 'ptr', uint32_t: 'u32', size_t: 'u32', float: 'f32', double: 'f64', uint64_t: 'u64', int64_t: 'i64', char: 'char' };
const table = (name, pairs, doc) => [`/** ${doc} */`, `export const ${name} = {`,
  ...pairs.map(([k, v]) => `  ${k}: ${v},`), '} as const;', ''];

function bindings() {
  const out = ['// bindings.gen.ts - generated by wasm/gen.mjs from wasm/exports.json and core/include/inkling.h; never edited.',
    '// Typed calls of the module, offsets of the structs that cross the boundary (wasm32), constants.', '',
    'declare const address: unique symbol;',
    '/** An address in linear memory. Only memory.ts does arithmetic with it. */',
    'export type Ptr = number & { readonly [address]: true };',
    'export type PackPtr = Ptr & { readonly pack: true };',
    'export type EnginePtr = Ptr & { readonly engine: true };', '',
    `export const ABI_VERSION = ${constant('INK_ABI_VERSION')};`,
    '/** Alignment of every block that is handed to pack_open and engine_open. */',
    `export const ALIGN = ${constant('INK_ALIGN')};`,
    '/** "No item", "no family", "not found": results of kind u32 come out of wasm signed, so compare after `>>> 0`. */',
    'export const NONE = 0xffff_ffff;',
    'export const NO_TIME = -(2n ** 63n);', '',
    ...table('STATUS', status.map(([k, v]) => [k.replace(/^E_/, ''), v]), 'Status codes, named as errors show them.'),
    'export type StatusName = keyof typeof STATUS;', '',
    ...table('FLAGS', shifted, 'Bits of ink_request.flags.')];
  for (const prefix of spec.enums.filter((p) => p !== 'INK_E_')) {
    const name = prefix.slice(4, -1);
    out.push(...table(name, enumOf(prefix).map(([k, v]) => [k.slice(name.length + 1), v]), `${prefix}* of inkling.h.`));
  }
  for (const struct of spec.structs) out.push(...structTable(struct));
  return [...out, ...rawInterface()].join('\n');
}

function structTable(struct) {
  const fields = flat(struct).map((f) => {
    const many = f.count > 1 ? `[${f.count}]` : '';
    return `  ${f.name}: ${f.offset},`.padEnd(26) + `// ${VIEW[f.type] ?? f.type}${many}`;
  });
  return [`/** Offsets in ${struct}; \`bytes\` is its size. */`, `export const ${upper(struct)} = {`,
    `  $bytes: ${layoutOf(struct).size},`, ...fields, '} as const;', ''].map((l) => l.replace('`bytes`', '`$bytes`'));
}

function rawInterface() {
  const out = ['/** What the module exports: scalars and pointers only. 64-bit integers are BigInt. */', 'export interface Raw {',
    '  readonly memory: WebAssembly.Memory;'];
  for (const call of calls) {
    const args = call.args.map(([name, kind]) => `${name}: ${tsType(kind)}`).join(', ');
    out.push(`  /** ${call.doc}${call.args.map(([n, k]) => `\n   * @param ${n} ${k}`).join('')}${call.args.length ? '\n   */' : ' */'}`,
      `  ${call.name}(${args}): ${tsType(call.result)};`);
  }
  return [...out, '}', ''];
}

function readme() {
  const path = join(here, 'README.md');
  const text = readFileSync(path, 'utf8');
  const rows = spec.calls.flatMap((c) => (c.room
    ? [`| **${c.room}** | | |`]
    : [`| \`${c.name}(${c.args.map(([n, k]) => `${n}: ${k}`).join(', ')})\` | ${c.result} | ${c.doc} |`]));
  const made = ['| call | gives | what it does |', '| --- | --- | --- |', ...rows].join('\n');
  if (!/<!-- calls -->[\s\S]*<!-- \/calls -->/.test(text)) throw new Error('wasm/README.md lost its marks');
  return text.replace(/<!-- calls -->[\s\S]*<!-- \/calls -->/, () => `<!-- calls -->\n${made}\n<!-- /calls -->`);
}

const outputs = {
  'wasm/exports.gen': linkList(),
  'wasm/layout.gen.h': layoutHeader(),
  'web/src/bindings.gen.ts': bindings(),
  'wasm/README.md': readme(),
};

let stale = 0;
for (const [name, text] of Object.entries(outputs)) {
  const path = join(root, name);
  let old = null;
  try { old = readFileSync(path, 'utf8'); } catch { /* a first run */ }
  if (old === text) continue;
  stale++;
  if (process.argv.includes('--check')) console.error(`${name} is not what gen.mjs makes: run node ${relative(process.cwd(), fileURLToPath(import.meta.url))}`);
  else { writeFileSync(path, text); console.log(`wrote ${name}`); }
}
if (process.argv.includes('--check') && stale) process.exit(1);
