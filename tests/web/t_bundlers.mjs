// t_bundlers.mjs - a stranger's app: the package as npm packs it, installed and built in a folder of its own by the commands
// of web/README.md, and run in the browser under the strict policy: the page, new items, and the worker. And the page
// of the first steps, which has no bundler.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { equal, ok, same } from '../../web/test/assert.mjs';
import { makePack } from '../../web/test/fixture.mjs';
import { serve } from './server.mjs';

const web = fileURLToPath(new URL('../../web', import.meta.url));
const README = readFileSync(join(web, 'README.md'), 'utf8');

const APP = `
import { open } from 'inkling';
import { addItems } from 'inkling/items';

async function slate(rec) {
  rec.track('like', 'film-3');
  const { items } = await rec.recommend({ now: 5, count: 3 });
  await rec.close();
  return items;
}

globalThis.run = async () => {
  const pack = '/fixture.safetensors', grown = addItems(await (await fetch(pack)).arrayBuffer(), [{ id: 'film-new' }]);
  return {
    page: await slate(await open(pack, { profile: null })),
    worker: await slate(await open(pack, { profile: null, worker: true })),
    items: (await open(grown, { profile: null })).pack.items,
  };
};
globalThis.runWorker = async () => (await open('/fixture.safetensors', { profile: null, worker: true })).close();
document.title = 'loaded';
`;

/** The commands of a block of the README; `npx` finds the tools of this repository. */
function commands(mark) {
  const block = new RegExp('^```sh ' + mark + '\\n([\\s\\S]*?)^```$', 'm').exec(README);
  ok(block, `web/README.md has no block "sh ${mark}"`);
  return block[1].trim().split('\n').map((line) => line.replace(/^npx /, ''));
}

/** A folder with the app and what npm would publish. */
function newApp(folder) {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: web, stdio: ['ignore', 'pipe', 'pipe'] });
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n');
  writeFileSync(join(folder, 'src/app.js'), APP);
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>app</title><script type="module" src="/src/app.js"></script>\n');
}

function build(folder, mark) {
  const env = { ...process.env, PATH: `${join(web, 'node_modules/.bin')}:${process.env.PATH}`, NODE_PATH: '',
    npm_config_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };       // nothing is downloaded
  for (const command of commands(mark)) execFileSync('sh', ['-euc', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Opens a built page and calls a function of it; gives what that gives, or the error's words. */
async function runPage(browser, url, name = 'run') {
  const page = await browser.newPage(), errors = [];
  page.on('pageerror', (error) => errors.push(String(error?.message ?? error)));
  await page.goto(url);
  for (let i = 0; i < 200 && (await page.title()) !== 'loaded' && errors.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 25));
  same(errors, [], 'errors of the page');
  const seen = await page.evaluate((what) => globalThis[what]().catch((error) => ({ code: error.code, message: error.message })), name);
  await page.close();
  return seen;
}

let made = null;                    // one build serves both browsers
process.on('exit', () => { if (made) rmSync(made, { recursive: true, force: true }); });

function builtApps() {
  if (made) return made;
  made = mkdtempSync(join(tmpdir(), 'inkling-app-'));
  newApp(made);
  build(made, 'esbuild');
  build(made, 'vite');
  mkdirSync(join(made, 'bare'));
  copyFileSync(join(made, 'out/app.js'), join(made, 'bare/app.js'));
  const page = '<!doctype html><title>app</title><script type="module" src="app.js"></script>\n';
  for (const folder of ['out', 'bare']) writeFileSync(join(made, folder, 'index.html'), page);
  return made;
}

function checkSeen(seen) {
  equal(seen.message, undefined);
  equal(seen.page.length, 3);
  ok(seen.page.every(({ id }) => Number(id.slice(5)) % 4 === 3), JSON.stringify(seen.page));
  same(seen.worker, seen.page, 'worker and page');
  equal(seen.items, 41);
}

/** The page of the first steps, in a folder as the text says. */
function firstSite(folder) {
  const text = readFileSync(join(web, '../docs/first-steps.md'), 'utf8'), block = (kind) => new RegExp('^```' + kind + '\\n([\\s\\S]*?)^```$', 'm').exec(text)[1];
  const [, files] = /^ {4}cp films\.safetensors (.*) site\/$/m.exec(text);
  for (const file of files.split(' ')) copyFileSync(join(web, '..', file), join(folder, file.split('/').at(-1)));
  writeFileSync(join(folder, 'films.safetensors'), makePack());
  writeFileSync(join(folder, 'index.html'), block('html'));
  writeFileSync(join(folder, 'app.js'), block('js').replace("'f1'", "'film-1'"));
}

export async function bundlers({ browser, test }) {
  await test('the page of the first steps shows films, learns, and has learnt after a reload', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'inkling-site-'));
    firstSite(folder);
    const server = await serve({ more: { '/site/': folder } }), page = await browser.newPage();
    const filmsHere = async (before) => {
      for (let i = 0; i < 200; i++) {
        const films = [...document.querySelectorAll('li')].map((li) => li.textContent).join();
        if (films !== before) return films;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      return before;
    };
    try {
      await page.goto(`${server.url}/site/`);
      const popular = await page.evaluate(filmsHere, '');
      await page.evaluate(() => document.querySelector('button').click());
      const own = await page.evaluate(filmsHere, popular);
      ok(own !== popular && own.split(',').length === 5, own);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await page.goto(`${server.url}/site/?again`);
      equal(await page.evaluate(filmsHere, ''), own);
      await page.close();
    } finally {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  await test('an installed package, built by esbuild and by Vite, runs as it is', async () => {
    const app = builtApps(), assets = readdirSync(join(app, 'dist/assets'));
    equal(assets.filter((name) => name.endsWith('.wasm')).length, 2, 'Vite emits both cores');
    const server = await serve({ more: { '/esbuild/': join(app, 'out'), '/bare/': join(app, 'bare'), '/vite/': join(app, 'dist'), '/assets/': join(app, 'dist/assets') } });
    try {
      checkSeen(await runPage(browser, `${server.url}/esbuild/`));
      checkSeen(await runPage(browser, `${server.url}/vite/`));
      for (const [run, words] of [['run', ['/bare/inkling.wasm answered 404', 'copy inkling.wasm and inkling-scalar.wasm there']], ['runWorker', ['worker.js belongs beside the script']]]) {
        const { code, message } = await runPage(browser, `${server.url}/bare/`, run);
        equal(code, 'FETCH');
        for (const word of words) ok(message.includes(word), message);
      }
    } finally {
      await server.close();
    }
  });
}
