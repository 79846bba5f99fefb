// proof.ts - the page's claims, measured before the visitor's eyes: requests since it was ready, where the profile rests,
// whether it would work offline. Two witnesses count requests: the browser's resource timing and the service worker.

import type { PackInfo, StorageState } from 'inkling';
import { byId } from './dom.js';
import { t, type Key } from './text.js';

let seenByPage = 0, seenByWorker = 0, ready = false;
let offline: 'ready' | 'wait' | 'none' = 'serviceWorker' in navigator ? 'wait' : 'none';

function showCount(): void {
  const count = String(Math.max(seenByPage, seenByWorker));
  byId('requests').textContent = count;
  byId('badge-count').textContent = count;
}

/** Installs the service worker; resolves when it has stored what the page needs, or cannot. */
export async function prepareOffline(): Promise<void> {
  if (offline === 'none') return;
  try {
    navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (ready && data === 'request') { seenByWorker++; showCount(); }
    });
    await navigator.serviceWorker.register('sw.js');
    await navigator.serviceWorker.ready;
    offline = 'ready';
  } catch {
    offline = 'none';
  }
}

/** From now on every request counts. */
export function startCounting(): void {
  ready = true;
  new PerformanceObserver((list) => {
    seenByPage += list.getEntries().length;
    showCount();
  }).observe({ type: 'resource' });
  showCount();
}

/** Bytes of scripts and core as they came, from the browser's own record; 0 where it tells none of what the service worker gave. */
function codeBytes(): number {
  return (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
    .filter(({ name }) => /\.(js|wasm)$/.test(new URL(name).pathname)).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
}

/** Writes the facts. */
export function showProof(pack: PackInfo, storage: StorageState): void {
  const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  const reason = storage.reason ?? storage.kind;
  byId('fact-offline').textContent = t(navigator.onLine ? `proof.offline.${offline}` : 'proof.offline.now');
  byId('fact-storage').textContent = t(`storage.${reason === 'custom' ? 'memory' : reason}` as Key)
    + (storage.setAside > 0 ? ` ${t('storage.aside', { n: storage.setAside })}` : '');
  byId('fact-loaded').textContent = t('proof.loaded', { n: loaded.length, cached: loaded.filter(({ transferSize }) => transferSize === 0).length });
  const kb = Math.round(codeBytes() / 1024);
  byId('fact-numbers').textContent = t(kb > 0 ? 'proof.numbers' : 'proof.pack', { items: pack.items.toLocaleString(), mb: (pack.bytes / 1e6).toFixed(1), kb });
}
