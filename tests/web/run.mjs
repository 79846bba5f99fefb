#!/usr/bin/env node
// run.mjs [BROWSER...] - everything about the package and the demo that only a real browser can show.
// Prints one line a test and, last, "P passed, F failed". A browser that is not installed is skipped with a printed reason.
import { existsSync } from 'node:fs';
import { BROWSERS, newFolder, removeFolder } from './browsers.mjs';
import { serve } from './server.mjs';
import { bundlers } from './t_bundlers.mjs';
import { places } from './t_places.mjs';
import { profile } from './t_profile.mjs';
import { demo } from './t_demo.mjs';

const wanted = process.argv.slice(2);
let passed = 0, failed = 0;

function report(name, error) {
  if (error) failed++;
  else passed++;
  console.log(`${error ? 'not ok' : 'ok'} - ${name}${error ? `\n    ${String(error?.stack ?? error).split('\n').slice(0, 12).join('\n    ')}` : ''}`);
}

/** Runs one test; what it throws is its failure. */
async function test(name, run) {
  try {
    await run();
    report(name, null);
  } catch (error) {
    report(name, error);
  }
}

// A driver may reject a call that nobody waits for any more, as when its browser was killed: that is told, and ends nothing.
process.on('unhandledRejection', (error) => console.log(`# nobody waited for: ${error?.message ?? error}`));

for (const { name, path, launch } of BROWSERS) {
  if (wanted.length && !wanted.includes(name)) continue;
  if (!existsSync(path)) {
    console.log(`skip: ${name}: ${path} is not there`);
    continue;
  }
  const server = await serve();
  const folder = newFolder();
  try {
    const browser = await launch(folder);
    const kit = { browser, server, launch, name, folder, report, test: (what, run) => test(`${name}: ${what}`, run) };
    try {
      await places(kit);
      await profile(kit);
      await demo(kit);
      await bundlers(kit);
    } finally {
      await kit.browser.close();
    }
  } catch (error) {
    report(`${name}: runs`, error);
  } finally {
    await server.close();
    removeFolder(folder);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
