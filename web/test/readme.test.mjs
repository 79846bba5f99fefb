// readme.test.mjs - every code block of README.md runs, as it stands: those marked `js` in one go, from top to bottom,
// against the fixture pack; the edge function with a request. Blocks become real modules that import the package by name.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { equal, ok } from './assert.mjs';
import { makePack } from './fixture.mjs';

const folder = new URL('../dist/readme/', import.meta.url);         // inside the package, so that its own name resolves
const blocks = [...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/^```(\w+)( \w+)?\n([\s\S]*?)^```$/gm)]
  .map(([, kind, mark, code]) => ({ kind, mark: mark?.trim(), code }));

mkdirSync(folder, { recursive: true });
writeFileSync(new URL('movies.safetensors', folder), makePack());

test('the blocks of the page run from top to bottom', async () => {
  const imports = new Set(), bodies = [];
  for (const { kind, mark, code } of blocks) {
    if (kind !== 'js' || mark) continue;
    for (const line of code.match(/^import .*$/gm) ?? []) imports.add(line);
    bodies.push(code.replace(/^import .*$/gm, ''));
  }
  ok(bodies.length >= 5, 'the README has lost its blocks');
  const here = bodies.join('\n').replaceAll("'/movies.safetensors'", "new URL('./movies.safetensors', import.meta.url)");
  const lines = [];
  writeFileSync(new URL('page.mjs', folder), `${[...imports].join('\n')}\nconst console = { log: (...words) => lines.push(words) };\nexport const lines = [];\n${here}
export const seen = { items: slate.items, saved: await saved, events, storage, progress };\nawait rec.close();\n`);
  const page = await import(new URL('page.mjs', folder));
  equal(page.seen.items.length, 5);
  equal(page.seen.items[0].reasons[0].kind, 'event');
  equal(page.seen.events.length, 3);
  equal(page.seen.saved, false, 'Node without a storage: memory');
  ok(page.seen.progress.includes('network'));
  ok(page.lines.some(([code, message]) => code === 'UNKNOWN_ITEM' && message === 'the pack has no item "no-such-film"'), JSON.stringify(page.lines.slice(-3)));
});

test('the edge function answers', async () => {
  const [{ code }] = blocks.filter(({ mark }) => mark === 'edge');
  ok(code.includes("import wasm from 'inkling/inkling.wasm';"));
  const there = "import { readFileSync } from 'node:fs';\nconst wasm = new WebAssembly.Module(readFileSync(new URL(import.meta.resolve('inkling/inkling.wasm'))));";
  writeFileSync(new URL('edge.mjs', folder), code.replace("import wasm from 'inkling/inkling.wasm';", there));
  const { default: worker } = await import(new URL('edge.mjs', folder));
  const request = new Request('http://edge/', { method: 'POST', body: JSON.stringify({ events: [{ kind: 'like', item: 'film-2' }], count: 3 }) });
  const slate = await (await worker.fetch(request, { PACK: new Response(makePack()) })).json();
  equal(slate.items.length, 3);
  ok(slate.items.every(({ id }) => Number(id.slice(5)) % 4 === 2));
});

test('the ten lines of the front page run, in both languages alike', async () => {
  const block = (name) => /^```js\n([\s\S]*?)^```$/m.exec(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))[1];
  const bare = (code) => code.replace(/ *\/\/.*$/gm, '');
  const code = block('README.md');
  equal(bare(block('README.zh.md')), bare(code));
  const here = code.replace("'/movies.safetensors'", "new URL('./movies.safetensors', import.meta.url)");
  const imports = /^import .*$/m.exec(here)[0];
  writeFileSync(new URL('front.mjs', folder), `${imports}\nexport const lines = [];\nconst console = { log: (...words) => lines.push(words) };
${here.replace(imports, '')}\nawait rec.close();\n`);
  const { lines } = await import(new URL('front.mjs', folder));
  equal(lines.length, 5);
  for (const [title, score, reasons] of lines) ok(typeof title === 'string' && Number.isFinite(score) && reasons.length > 0);
});
