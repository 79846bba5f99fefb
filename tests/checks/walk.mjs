// walk.mjs - the source files below some folders, as paths relative to the root, in a fixed order.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIP = new Set(['node_modules', 'dist', 'build', '.git', '__pycache__', 'corpus']);

export function walk(root, folders, pattern) {
  const out = [];
  const visit = (folder) => {
    if (!existsSync(join(root, folder))) return;
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) { if (!SKIP.has(entry.name)) visit(path); }
      else if (pattern.test(path)) out.push(path);
    }
  };
  folders.forEach(visit);
  return out.sort();
}
