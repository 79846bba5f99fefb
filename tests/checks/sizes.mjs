// sizes.mjs - what a visitor downloads, compressed, against its budget. The module alone is checked
// where it is built too (wasm/check.mjs); this adds the loader and the API.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compressed } from '../../wasm/check.mjs';

export const BUDGETS = {
  module: 40 * 1024,       // inkling.wasm or inkling-scalar.wasm
  download: 60 * 1024,     // a module with loader and API (inkling.min.js)
};

/** Faults of a set of files { name: bytes } against the budgets; `print` gets one line a figure. */
export function sizeFaults(files, print = () => {}) {
  const faults = [];
  const script = files['inkling.min.js'] ? compressed(files['inkling.min.js']) : 0;
  if (script) print(`inkling.min.js: ${script} bytes after brotli`);
  for (const name of ['inkling.wasm', 'inkling-scalar.wasm']) {
    if (!files[name]) continue;
    const module = compressed(files[name]);
    print(`${name}: ${module} bytes after brotli, ${module + script} with the API (budgets ${BUDGETS.module}, ${BUDGETS.download})`);
    if (module > BUDGETS.module) faults.push(`${name} has ${module} bytes after brotli; the budget is ${BUDGETS.module}`);
    if (module + script > BUDGETS.download) faults.push(`${name} with the API has ${module + script} bytes after brotli; the budget is ${BUDGETS.download}`);
  }
  return faults;
}

export function check(root, print) {
  const files = {};
  for (const path of ['build/wasm/inkling.wasm', 'build/wasm/inkling-scalar.wasm', 'web/dist/inkling.min.js']) {
    if (existsSync(join(root, path))) files[path.split('/').pop()] = readFileSync(join(root, path));
  }
  for (const name of ['inkling.wasm', 'inkling-scalar.wasm', 'inkling.min.js']) {
    if (!files[name]) return [`${name} is not built`];
  }
  return sizeFaults(files, print);
}
