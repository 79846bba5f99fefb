// sandboxed.js - opens the package in a frame without an origin of its own, and tells the page what came of it.
import { open } from '/dist/inkling.min.js';

const answer = async () => {
  const rec = await open('/fixture.safetensors');
  rec.track('like', 'film-3');
  const { items } = await rec.recommend({ count: 5 });
  return { items: items.length, storage: rec.storage };
};
parent.postMessage(await answer().catch((error) => ({ error: `${error.code ?? error.name} ${error.message}` })), '*');
