// sha256.ts - SHA-256 at once: crypto.subtle has it too, but only behind a promise and only in secure contexts, and addItems()
// promises its pack there and then. FIPS 180-4.

const WORDS = 64;

/** The first 32 bits behind the point of the cube and square roots of the first primes: the standard's constants. */
function constants(): { K: Uint32Array; H: Uint32Array } {
  const K = new Uint32Array(WORDS), H = new Uint32Array(8);
  const fraction = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32);
  for (let n = 0, candidate = 2; n < WORDS; candidate++) {
    let prime = true;
    for (let d = 2; d * d <= candidate && prime; d++) prime = candidate % d !== 0;
    if (!prime) continue;
    if (n < 8) H[n] = fraction(Math.sqrt(candidate));
    K[n++] = fraction(Math.cbrt(candidate));
  }
  return { K, H };
}

const turn = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

/** One block of 64 bytes into the state. */
function block(state: Uint32Array, K: Uint32Array, w: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < WORDS; i++) {
    const x = w[i - 15]!, y = w[i - 2]!;
    w[i] = w[i - 16]! + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7]! + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < WORDS; i++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => { state[i] = state[i]! + x; });
}

/** The digest as 64 digits of 0-9a-f. */
export function sha256(bytes: Uint8Array): string {
  const { K, H: state } = constants(), w = new Int32Array(WORDS), whole = bytes.length - bytes.length % 64;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < whole; at += 64) block(state, K, w, view, at);
  const rest = bytes.subarray(whole), end = new Uint8Array(rest.length < 56 ? 64 : 128), last = new DataView(end.buffer);
  end.set(rest);
  end[rest.length] = 0x80;
  last.setBigUint64(end.length - 8, BigInt(bytes.length) * 8n);
  for (let at = 0; at < end.length; at += 64) block(state, K, w, last, at);
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}
