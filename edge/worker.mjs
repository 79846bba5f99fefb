// worker.mjs - recommendations over HTTP for edge runtimes: workerd, Deno, Bun, Node, anything that
// speaks Request and Response. Stateless: the person's events come with the request and nothing of them
// is kept; between two requests the engine's profile is empty.
//
//   POST /v1/recommend  /v1/similar  /v1/rank      GET /v1/health  /v1/pack  /metrics
//
// It takes a compiled module, because such runtimes import modules and may not compile them. A refusal is
// {"error":{"code","message"}} with its HTTP status. openapi.yaml is the contract; worker_request.mjs reads bodies.
import { InklingError, openSync } from 'inkling/edge';
import { LIMITS, Refusal, readRequest } from './worker_request.mjs';

const ROUTES = {
  '/v1/recommend': { method: 'POST', asks: 'recommend' },
  '/v1/similar': { method: 'POST', asks: 'similar' },
  '/v1/rank': { method: 'POST', asks: 'rank' },
  '/v1/health': { method: 'GET', gives: () => ({ status: 'ok' }) },
  '/v1/pack': { method: 'GET', gives: (rec) => rec.pack },
  '/metrics': { method: 'GET', text: true },
};

/**
 * A handler for one pack.
 * @param options.pack   the pack's bytes (ArrayBuffer or Uint8Array)
 * @param options.wasm   a compiled WebAssembly.Module of inkling.wasm; may be left out where the package imports it
 * @param options.allowOrigin  value of Access-Control-Allow-Origin; nothing is sent without it
 * @returns { fetch(request): Promise<Response> }, the shape that edge runtimes export
 * @throws InklingError PACK_*, WASM, MEMORY when the pack is refused
 */
export function createWorker({ pack, wasm, allowOrigin }) {
  const rec = openSync(pack, { ...(wasm ? { wasm } : {}), limits: { events: LIMITS.events, count: LIMITS.count, reasons: LIMITS.reasons } });
  const metrics = new Metrics(rec.pack);
  const headers = allowOrigin ? { 'access-control-allow-origin': allowOrigin, 'access-control-allow-headers': 'content-type' } : {};

  return {
    async fetch(request) {
      const path = new URL(request.url).pathname;
      if (request.method === 'OPTIONS' && allowOrigin) return new Response(null, { status: 204, headers });
      const { status, body, type } = await answer(rec, metrics, request, path);
      metrics.count(Object.hasOwn(ROUTES, path) ? path : 'other', status);
      return new Response(body, { status, headers: { ...headers, 'content-type': type, 'cache-control': 'no-store' } });
    },
  };
}

async function answer(rec, metrics, request, path) {
  try {
    const route = routeOf(path, request.method);
    if (route.text) return { status: 200, body: metrics.text(), type: 'text/plain; version=0.0.4; charset=utf-8' };
    const value = route.gives ? route.gives(rec) : ask(rec, metrics, route.asks, await readJson(request));
    return { status: 200, body: JSON.stringify(value), type: 'application/json' };
  } catch (error) {
    const { http, code, message } = refusalOf(error);
    return { status: http, body: JSON.stringify({ error: { code, message } }), type: 'application/json' };
  }
}

function routeOf(path, method) {
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (!route) throw new Refusal(404, 'REQUEST_PATH', `${path.slice(0, 40)}: unknown; there are ${Object.keys(ROUTES).join(', ')}`);
  if (method !== route.method) throw new Refusal(405, 'REQUEST_METHOD', `${path} answers ${route.method}`);
  return route;
}

// ------------------------------------------------------------------ request

/** The body as JSON; reading stops at the cap, whatever the sender claims. */
async function readJson(request) {
  const bytes = await readCapped(request.body);
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(400, 'JSON_SYNTAX', 'the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, 'JSON_SYNTAX', `the body is not JSON: ${error.message.slice(0, 120)}`);
  }
}

async function readCapped(stream) {
  const chunks = [];
  let n = 0;
  const reader = stream?.getReader();
  for (let step = await reader?.read(); step && !step.done; step = await reader.read()) {
    n += step.value.length;
    if (n > LIMITS.bytes) {
      await reader.cancel();
      throw new Refusal(413, 'REQUEST_BYTES', `the body has over ${LIMITS.bytes} bytes; allowed are ${LIMITS.bytes}`);
    }
    chunks.push(step.value);
  }
  const bytes = new Uint8Array(n);
  chunks.reduce((at, chunk) => (bytes.set(chunk, at), at + chunk.length), 0);
  return bytes;
}

function refusalOf(error) {
  if (error instanceof Refusal) return error;
  if (!(error instanceof InklingError)) return new Refusal(500, 'INTERNAL', 'the request could not be answered');
  const ours = ['MEMORY', 'SCRATCH', 'NO_MEMORY', 'CLOSED', 'WASM'].includes(error.code);
  return new Refusal(ours ? 500 : error.code === 'UNKNOWN_ITEM' ? 404 : 400, error.code, error.message);
}

// ------------------------------------------------------------------- answer

// The recommender works synchronously: no other request can run between its first line and its last.
function ask(rec, metrics, asks, body) {
  const { item, items, ...request } = readRequest(body, asks, rec.pack);
  const slate = asks === 'similar' ? rec.similarItems(item, request)
    : asks === 'rank' ? rec.rank(items, request)
    : rec.recommend(request);
  metrics.rows += slate.rows;
  return {
    items: slate.items.map(show),
    model: slate.model,
    complete: slate.complete,
    rows: slate.rows,
    unknown: slate.unknown,
  };
}

function show({ id, score, position, model, reasons, properties }) {
  return {
    id,
    score: shortest(score),
    score_bits: bitsOf(score),
    position,
    model,
    ...(reasons ? { reasons: reasons.map((r) => (r.kind === 'event' ? { ...r, event: Number(r.event) } : r)) } : {}),
    ...(properties ? { properties } : {}),
  };
}

const scratch = new DataView(new ArrayBuffer(4));
function bitsOf(score) {
  scratch.setFloat32(0, score);
  return scratch.getUint32(0).toString(16).padStart(8, '0');
}

/** The shortest decimal that reads back as the same float. */
function shortest(score) {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(score.toPrecision(digits));
    if (Math.fround(short) === score) return short;
  }
  return Number(score.toPrecision(9));
}

/** Counts since this isolate started, as Prometheus reads them. Nothing of a person is in them. */
class Metrics {
  rows = 0;
  #requests = new Map();
  #pack;

  constructor(pack) { this.#pack = pack; }

  count(path, status) {
    const key = `path="${path}",status="${status}"`;
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
  }

  text() {
    return [
      '# HELP inkling_requests_total Answers since this isolate started.', '# TYPE inkling_requests_total counter',
      ...[...this.#requests].map(([key, n]) => `inkling_requests_total{${key}} ${n}`),
      '# HELP inkling_rows_total Rows of the catalogue that were scored.', '# TYPE inkling_rows_total counter', `inkling_rows_total ${this.rows}`,
      '# HELP inkling_pack_items Items in the pack.', '# TYPE inkling_pack_items gauge', `inkling_pack_items ${this.#pack.items}`,
      '# HELP inkling_pack_bytes Bytes of the pack.', '# TYPE inkling_pack_bytes gauge', `inkling_pack_bytes ${this.#pack.bytes}`, '',
    ].join('\n');
  }
}
