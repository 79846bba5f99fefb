// style.mjs - what of the style guide a machine can see: length of files and functions, file heads,
// forbidden words, line ends. Limits are the guide's "never", not its aims.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { walk } from './walk.mjs';

const FILE_LINES = 800, C_FUNCTION_LINES = 120, SCRIPT_FILE_LINES = 500;
const SOURCES = ['core', 'wasm', 'edge', 'tests', 'web', 'demo'];

/** [first line, number of lines] of each C function whose body opens at the end of an unindented line. */
function cFunctions(lines) {
  const out = [];
  let start = -1;
  lines.forEach((line, i) => {
    if (start < 0 && /^[A-Za-z_].*\)?.*\{\s*$/.test(line) && !/^(typedef|struct|enum|union|static const|const|extern)\b.*(=|\w)\s*\{\s*$/.test(line)) start = i;
    else if (start >= 0 && /^\}/.test(line)) { out.push([start + 1, i - start + 1]); start = -1; }
  });
  return out;
}

function cFaults(path, lines) {
  const faults = [];
  if (!/^\/\*/.test(lines[0])) faults.push(`${path}:1: the file's head is missing: say what the file is for`);
  if (lines.length > FILE_LINES) faults.push(`${path}: ${lines.length} lines; ${FILE_LINES} is the most`);
  for (const [at, n] of cFunctions(lines)) {
    if (n > C_FUNCTION_LINES) faults.push(`${path}:${at}: a function of ${n} lines; ${C_FUNCTION_LINES} is the most`);
  }
  return faults;
}

function scriptFaults(path, lines) {
  const faults = [];
  if (!path.includes('.gen.') && lines.length > SCRIPT_FILE_LINES) faults.push(`${path}: ${lines.length} lines; ${SCRIPT_FILE_LINES} is the most`);
  const head = lines[0].startsWith('#!') ? lines[1] ?? '' : lines[0];
  if (!/^(\/\/|\/\*|#|"""|'''|<!--|@import)/.test(head)) faults.push(`${path}:1: the file's head is missing: say what the file is for`);
  if (/\.ts$/.test(path)) {
    lines.forEach((line, i) => { if (/[:<,|] *any\b(?!\w)/.test(line.replace(/(\/\/|\*).*/, ''))) faults.push(`${path}:${i + 1}: 'any'`); });
  }
  return faults;
}

function wordFaults(path, lines) {
  const unfinished = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
  const faults = [];
  lines.forEach((line, i) => {
    if (unfinished.test(line)) faults.push(`${path}:${i + 1}: unfinished work`);
    if (/\r$/.test(line)) faults.push(`${path}:${i + 1}: a carriage return`);
    if (/\t/.test(line) && !/\.sh$/.test(path)) faults.push(`${path}:${i + 1}: a tab`);
    if (/\s$/.test(line) && line !== '') faults.push(`${path}:${i + 1}: blanks at the end`);
  });
  return faults;
}

/** Folders that have code and no README.md. */
function roomFaults(root) {
  const rooms = new Set(walk(root, ['core', 'wasm', 'edge', 'tests', 'web', 'demo'], /\.(c|ts|mjs)$/).map((p) => {
    const parts = p.split('/');
    return parts[0] === 'core' ? `${parts[0]}/${parts[1]}` : parts[0];
  }));
  const notes = new Set(walk(root, [...rooms], /(^|\/)README\.md$/));
  return [...rooms].filter((room) => !notes.has(`${room}/README.md`)).map((room) => `${room}: no README.md`);
}

export function check(root) {
  const faults = roomFaults(root);
  for (const path of walk(root, SOURCES, /\.(c|h|ts|mjs|js|py|sh)$/)) {
    const lines = readFileSync(join(root, path), 'utf8').replace(/\n$/, '').split('\n');
    faults.push(...(/\.[ch]$/.test(path) ? cFaults(path, lines) : scriptFaults(path, lines)), ...wordFaults(path, lines));
  }
  return faults;
}
