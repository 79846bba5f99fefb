// browsers.mjs - Chromium (playwright-core) and Firefox ESR (puppeteer-core over BiDi) behind the few verbs that the tests
// use. Nothing is downloaded: both are the machine's own. Only processes that were started here are ended.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const FIREFOX = process.env.FIREFOX_PATH ?? ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync) ?? '/usr/bin/firefox-esr';
const ARGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-quic', '--disable-dev-shm-usage'];

/** A new folder for a browser's profile. */
export const newFolder = () => mkdtempSync(join(tmpdir(), 'inkling-browser-'));
/** A browser's last process may still write there: what cannot be removed is left to the system, and told. */
export function removeFolder(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  } catch (error) {
    console.log(`# ${folder} is left behind: ${error.message}`);
  }
}

/** Ends a process with all that it started, and waits until it is gone. */
async function end(child) {
  const gone = child.exitCode === null && child.signalCode === null ? new Promise((resolve) => child.once('exit', resolve)) : null;
  try { process.kill(-child.pid, 'SIGKILL'); } catch { /* ended already */ }
  await gone;
}

export const BROWSERS = [
  { name: 'chromium', path: CHROMIUM, launch: launchChromium },
  { name: 'firefox', path: FIREFOX, launch: launchFirefox },
];

// Started by hand and not by playwright, because the process must be there to be killed, and its folder to be kept.
async function launchChromium(folder, { args = [] } = {}) {
  const { chromium } = require('playwright-core');
  const child = spawn(CHROMIUM, [...ARGS, ...args, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const endpoint = await new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`Chromium did not start: ${text.slice(-500)}`)), 60_000);
    child.stderr.on('data', (chunk) => {
      text += chunk;
      const [, found] = text.match(/DevTools listening on (ws:\S+)/) ?? [];
      if (found) { clearTimeout(timer); resolve(found); }
    });
    child.on('exit', () => { clearTimeout(timer); reject(new Error(`Chromium ended: ${text.slice(-500)}`)); });
  });
  const browser = await chromium.connectOverCDP(endpoint);
  const [context] = browser.contexts();
  const kill = () => end(child);
  return {
    name: 'chromium', context,
    newPage: async (size) => {
      const page = await context.newPage();
      if (size) await page.setViewportSize(size);
      return page;
    },
    media: (page, media) => page.emulateMedia({ colorScheme: media.scheme, reducedMotion: media.motion ?? 'no-preference' }),
    kill,
    close: async () => { await browser.close().catch(() => undefined); await kill(); },
  };
}

async function launchFirefox(folder, { prefs = {} } = {}) {
  const puppeteer = require('puppeteer-core');
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: FIREFOX, userDataDir: folder, headless: true, protocolTimeout: 120_000,
    extraPrefsFirefox: { 'datareporting.policy.dataSubmissionEnabled': false, 'app.update.enabled': false, 'browser.cache.disk.enable': true, ...prefs },
  });
  const child = browser.process();                    // leads a process group of its own
  return {
    name: 'firefox',
    newPage: async (size) => {
      const page = await browser.newPage();
      if (size) await page.setViewport(size);
      return page;
    },
    kill: () => end(child),
    close: async () => { await browser.close().catch(() => undefined); await end(child); },
  };
}
