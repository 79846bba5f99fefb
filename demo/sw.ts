// sw.ts - the service worker: the page's files are stored once, then served without the network; a new build has a new name
// and replaces the old store as a whole. The pack is not here: the package keeps it by itself, under its digest.
// It tells the page of every request that passes, so that the page can count.

declare const VERSION: string;
declare const FILES: readonly string[];

interface Lasting extends Event { waitUntil(work: Promise<unknown>): void }
interface Passing extends Lasting { readonly request: Request; readonly clientId: string; respondWith(response: Promise<Response>): void }
interface Scope {
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', listener: (event: Passing) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void>; get(id: string): Promise<{ postMessage(message: string): void } | undefined> };
}
const scope = globalThis as unknown as Scope;
const STORE = `inkling-demo/${VERSION}`;

scope.addEventListener('install', (event) => event.waitUntil((async () => {
  await (await caches.open(STORE)).addAll(FILES.map((file) => new Request(file, { cache: 'reload' })));
  await scope.skipWaiting();
})()));

scope.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('inkling-demo/') && name !== STORE) await caches.delete(name);
  await scope.clients.claim();
})()));

scope.addEventListener('fetch', (event) => {
  void scope.clients.get(event.clientId).then((client) => client?.postMessage('request'));
  event.respondWith((async () => await (await caches.open(STORE)).match(event.request, { ignoreSearch: true }) ?? fetch(event.request))());
});
