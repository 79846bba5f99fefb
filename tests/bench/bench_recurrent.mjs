#!/usr/bin/env node
// bench_recurrent.mjs [--seconds S] [--alone] [--sizes 64,128] [--items N] [--kinds lstm,gru] [--cc emcc|clang] - LSTM and GRU in wasm
// SIMD128 through the doors that the engine takes: 50 events folded, one event more, and both with the ten best of the items.
// Beside them the flops of the matrices at the peak of multiplying and adding, the fastest read of the items, and ONNX Runtime Web
// with the same weights (one thread, SIMD), all in one process, round by round. --alone leaves the peer out.
//
// The floor counts 2 flops a weight and event; curves, biases and everything else come on top of it.
import { parseArgs } from 'node:util';
import { benchModule, low, ms, ratio, roomFor, rounds } from './lib.mjs';
import { FLOAT, INT64, graph, ints, loadPeer, node, tensor, value, whole } from './onnx.mjs';

const { values: options } = parseArgs({ options: {
  seconds: { type: 'string', default: '3' }, alone: { type: 'boolean', default: false }, sizes: { type: 'string', default: '64,128' },
  items: { type: 'string', default: '10000' }, kinds: { type: 'string', default: 'lstm,gru' }, cc: { type: 'string', default: 'emcc' },
} });
const EVENTS = 50, BEST = 10, N = Number(options.items);
const wasm = benchModule(options.cc);
const ort = options.alone ? null : await loadPeer();

// ------------------------------------------------------------------- weights

/** A copy of the module's tensor: 0 item vectors, 1 and 2 weights of what comes in and of the state, 3 and 4 their biases. */
const floats = (which, length) => new Float32Array(wasm.memory.buffer, wasm.network_tensor(which), length).slice();
const query = (width) => new Float32Array(wasm.memory.buffer, wasm.network_query(), width).slice();

/** PyTorch has i,f,g,o and r,z,n; ONNX wants i,o,f,c and z,r,h. */
function reordered(data, isLstm, width) {
  const order = isLstm ? [0, 3, 1, 2] : [1, 0, 2], part = data.length / order.length, out = new Float32Array(data.length);
  order.forEach((from, to) => out.set(data.subarray(from * part, (from + 1) * part), to * part));
  if (part % width !== 0) throw new Error('not whole gates');
  return out;
}

/** X [steps, 1, D] and a state -> the new state, and with `top` the best items. */
function peerModel(isLstm, width, steps, top) {
  const gates = isLstm ? 4 : 3, all = gates * width, b = new Float32Array(2 * all);
  b.set(reordered(floats(3, all), isLstm, width));
  b.set(reordered(floats(4, all), isLstm, width), all);
  const outputs = isLstm ? ['', 'h', 'c'] : ['', 'h'], inputs = ['X', 'W', 'R', 'B', '', 'h0', ...isLstm ? ['c0'] : []];
  const state = [1, 1, width];
  return graph([
    node(isLstm ? 'LSTM' : 'GRU', inputs, outputs, [whole('hidden_size', width), ...isLstm ? [] : [whole('linear_before_reset', 1)]]),
    ...top ? [node('Reshape', ['h', 'flat'], ['q']), node('Gemm', ['q', 'E'], ['s'], [whole('transB', 1)]), node('TopK', ['s', 'k'], ['v', 'i'])] : [],
  ], [
    tensor('W', FLOAT, [1, all, width], reordered(floats(1, all * width), isLstm, width)),
    tensor('R', FLOAT, [1, all, width], reordered(floats(2, all * width), isLstm, width)), tensor('B', FLOAT, [1, 2 * all], b),
    ...top ? [tensor('E', FLOAT, [N, width], floats(0, N * width)), tensor('flat', INT64, [2], ints([1, width])), tensor('k', INT64, [1], ints([BEST]))] : [],
  ], [value('X', FLOAT, [steps, 1, width]), value('h0', FLOAT, state), ...isLstm ? [value('c0', FLOAT, state)] : []],
  [value('h', FLOAT, state), ...isLstm ? [value('c', FLOAT, state)] : [], ...top ? [value('i', INT64, [1, BEST])] : []]);
}

const session = (...shape) => ort.InferenceSession.create(peerModel(...shape), { executionProviders: ['wasm'] });
const equal = (a, b, what) => a.forEach((x, i) => { if (!(Math.abs(x - b[i]) < 1e-4)) throw new Error(`${what}: ${x} is not the peer's ${b[i]}`); });

/** The peer's jobs on the module's weights and events; its answers are held to ours first. */
async function peerJobs(isLstm, width) {
  const rows = floats(0, N * width), state = (data = new Float32Array(width)) => new ort.Tensor('float32', data, [1, 1, width]);
  const inputs = (first, n, h, c) => {
    const x = new Float32Array(n * width);
    for (let t = 0; t < n; t++) x.set(rows.subarray(wasm.network_item(first + t) * width, (wasm.network_item(first + t) + 1) * width), t * width);
    return { X: new ort.Tensor('float32', x, [n, 1, width]), h0: h ?? state(), ...isLstm ? { c0: c ?? state() } : {} };
  };
  const [sequence, sequenceTop, step, stepTop] = [await session(isLstm, width, EVENTS, false), await session(isLstm, width, EVENTS, true),
    await session(isLstm, width, 1, false), await session(isLstm, width, 1, true)];
  const feed = inputs(0, EVENTS), first = await sequenceTop.run(feed);
  wasm.network_keep(EVENTS);
  equal(query(width), first.h.data, '50 events');
  wasm.network_top();
  const ours = Array.from({ length: BEST }, (_, place) => wasm.network_best(place)), theirs = Array.from(first.i.data, Number);
  if (ours.join() !== theirs.join()) throw new Error(`the best are ${ours}, the peer's ${theirs}`);
  const next = inputs(EVENTS, 1, state(first.h.data.slice()), isLstm ? state(first.c.data.slice()) : undefined);
  wasm.network_step(EVENTS);
  equal(query(width), (await step.run(next)).h.data, 'one more');
  return { peerFold: () => sequence.run(feed), peerFoldTop: () => sequenceTop.run(feed), peerStep: () => step.run(next), peerStepTop: () => stepTop.run(next),
    release: () => Promise.all([sequence, sequenceTop, step, stepTop].map((s) => s.release())) };
}

// --------------------------------------------------------------------- table

const PEAK_STEPS = 2000;
let peak = 0;
const table = [];

async function measure(kind, width) {
  const isLstm = kind === 'lstm', gates = isLstm ? 4 : 3;
  const limits = wasm.bench_bytes(N, width) >>> 0, bytes = wasm.network_bytes(isLstm, N, width) >>> 0;
  const at = roomFor(wasm, limits + bytes);
  if (wasm.bench_init(at, limits, N, width) !== 0 || wasm.network_init(at + limits, bytes) !== 0) throw new Error('no memory');
  const { release, ...peers } = ort ? await peerJobs(isLstm, width) : {};
  wasm.network_keep(EVENTS);
  const t = await rounds({
    peak: () => wasm.peak(PEAK_STEPS, 0.999, 0.001), read1: () => wasm.read1(0), read4: () => wasm.read4(0),
    fold: () => wasm.network_fold(EVENTS), foldTop: () => { wasm.network_fold(EVENTS); wasm.network_top(); },
    step: () => wasm.network_step(EVENTS), stepTop: () => { wasm.network_step(EVENTS); wasm.network_top(); },
    curves: () => wasm.network_curves((isLstm ? 3 : 2) * width, (isLstm ? 2 : 1) * width), ...peers,
  }, { seconds: Number(options.seconds) });
  await release?.();
  const flops = 2 * gates * width * 2 * width, one = t.peak.map((x) => x * flops / (PEAK_STEPS * 96));
  const read = t.read1.map((x, i) => Math.min(x, t.read4[i])), plus = (a, times, b) => a.map((x, i) => times * x + (b ? b[i] : 0));
  peak = Math.max(peak, PEAK_STEPS * 96 / low(t.peak) / 1e6);
  const row = (what, ours, floor, peer) => table.push({ [`${N} items`]: `${kind} ${width}: ${what}`, 'floor ms': ms(floor), 'ours ms': ms(ours),
    'ours / floor': ratio(ours, floor), ...peer ? { 'ONNX Runtime Web ms': ms(peer), 'peer / ours': ratio(peer, ours) } : {} });
  row(`${EVENTS} events`, t.fold, plus(one, EVENTS), t.peerFold);
  row(`${EVENTS} events, ten best`, t.foldTop, plus(one, EVENTS, read), t.peerFoldTop);
  row('one more event', t.step, one, t.peerStep);
  row('one more, ten best', t.stepTop, plus(one, 1, read), t.peerStepTop);
  if (options.alone) row('its curves alone', t.curves, one);
}

for (const kind of options.kinds.split(',')) for (const width of options.sizes.split(',').map(Number)) await measure(kind, width);
console.log(`${options.cc}, Node ${process.version}${ort ? `, ONNX Runtime Web ${ort.env.versions?.web ?? ''}, one thread` : ''}; peak ${peak.toFixed(1)} GFLOP/s; lowest tenth (median)`);
console.table(table);
