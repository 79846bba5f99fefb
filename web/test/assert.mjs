// assert.mjs - what the shared cases need of an assertion library, so that the same file runs in Node, pages and workers.

export function ok(value, what = 'expected something true') { if (!value) throw new Error(what); }

export function equal(got, wanted, what = 'values') {
  if (!Object.is(got, wanted)) throw new Error(`${what}: got ${shown(got)}, wanted ${shown(wanted)}`);
}

/** Same content; plain data only. */
export function same(got, wanted, what = 'values') {
  if (canonical(got) !== canonical(wanted)) throw new Error(`${what}: got ${canonical(got)}, wanted ${canonical(wanted)}`);
}

/** Rejects, or throws, an InklingError of this code; gives the error. */
export async function fails(code, run) {
  let value;
  try {
    value = await run();
  } catch (error) {
    if (error?.name === 'InklingError' && error.code === code) return error;
    throw new Error(`wanted InklingError ${code}, got ${error?.name} ${error?.code ?? ''}: ${error?.message}`);
  }
  throw new Error(`wanted InklingError ${code}, got ${shown(value)}`);
}

const shown = (value) => (typeof value === 'bigint' ? `${value}n` : canonical(value));

function canonical(value) {
  return JSON.stringify(value, (_, v) => (v && typeof v === 'object' && !Array.isArray(v)
    ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))) : v)) ?? String(value);
}

/** The bits of a score, as the command line prints them. */
export function bits(score) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, score);
  return view.getUint32(0).toString(16).padStart(8, '0');
}
