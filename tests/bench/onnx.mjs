// onnx.mjs - the peer of the measurements: ONNX Runtime Web, and models for it. The peer comes from npm into build/peers and is
// no part of the project. A model is a protobuf message: fields of (number << 3 | wire type), lengths before bytes;
// the numbers are those of onnx.proto.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib.mjs';

export const PEER = 'onnxruntime-web', VERSION = '1.30.0';

/** The runtime, on one thread; fetched when it is not there. */
export async function loadPeer() {
  const folder = join(root, 'build/peers');
  if (!existsSync(join(folder, 'node_modules', PEER))) {
    mkdirSync(folder, { recursive: true });
    execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, `${PEER}@${VERSION}`], { stdio: 'inherit' });
  }
  const ort = await import(pathToFileURL(join(folder, 'node_modules', PEER, 'dist/ort.wasm.min.mjs')));
  ort.env.wasm.numThreads = 1;
  return ort;
}

const varint = (n) => { const out = []; for (let x = BigInt(n); ; x >>= 7n) { if (x < 128n) return [...out, Number(x)]; out.push(Number(x & 127n) | 128); } };
const bytes = (field, data) => Buffer.concat([Buffer.from([...varint(field << 3 | 2), ...varint(data.length)]), data]);
const text = (field, s) => bytes(field, Buffer.from(s));
const number = (field, n) => Buffer.from([...varint(field << 3), ...varint(n)]);
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

export const FLOAT = 1, INT64 = 7;
export const ints = (list) => BigInt64Array.from(list, BigInt);

/** An attribute that is a whole number. */
export const whole = (name, n) => message(5, text(1, name), number(3, n), number(20, 2));
export const node = (op, inputs, outputs, attributes = []) =>
  message(1, ...inputs.map((s) => text(1, s)), ...outputs.map((s) => text(2, s)), text(4, op), ...attributes);
/** A constant; data is a typed array. */
export const tensor = (name, type, dims, data) =>
  message(5, ...dims.map((d) => number(1, d)), number(2, type), text(8, name), bytes(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
/** What goes in or comes out: graph() puts it on its side. */
export const value = (name, type, dims) => Buffer.concat([text(1, name), message(2, message(1, number(1, type), message(2, ...dims.map((d) => message(1, number(1, d))))))]);

/** The model's bytes: IR version 8, operators of version 14. */
export function graph(nodes, constants, inputs, outputs) {
  return Buffer.concat([number(1, 8), message(7, ...nodes, text(2, 'peer'), ...constants, ...inputs.map((v) => bytes(11, v)), ...outputs.map((v) => bytes(12, v))),
    message(8, text(1, ''), number(2, 14))]);
}
