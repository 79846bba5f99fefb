// platform_node.ts - what Node has and pages have not: files. Chosen by the `imports` map of package.json.

import { readFile } from 'node:fs/promises';

/** Bytes of a `file:` URL. */
export async function readFileUrl(url: URL): Promise<Uint8Array> { return readFile(url); }
