// cases.js - runs the package's shared cases here, in a page or in a worker: [{ name, error }].
import { open, openSync } from '/dist/inkling.min.js';
import { cases } from '/test/api.cases.mjs';
import { makePack } from '/test/fixture.mjs';

/** @param options given to every open(); { worker: true } puts the recommender behind a worker */
export async function runCases(options = {}) {
  const module = await WebAssembly.compileStreaming(fetch('/dist/inkling.wasm'));
  const results = [];
  for (const [name, run] of cases) {
    let error = null;
    try {
      await run({ open, openSync, module, pack: makePack(), options });
    } catch (thrown) {
      error = String(thrown?.stack ?? thrown);
    }
    results.push({ name, error });
  }
  return results;
}
