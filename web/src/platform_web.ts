// platform_web.ts - pages and workers have no files.

import { InklingError } from './errors.js';

/** Always refuses. */
export async function readFileUrl(url: URL): Promise<Uint8Array> {
  throw new InklingError('FETCH', `${url.href}: a page cannot read files; serve it over http`);
}
