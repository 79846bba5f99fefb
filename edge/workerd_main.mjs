// workerd_main.mjs - the worker as workerd runs it: module and pack come in as imports of the
// configuration that serve.mjs writes. The engine is opened with the first request and kept.
import wasm from 'inkling/inkling.wasm';
import pack from 'pack.safetensors';
import { createWorker } from './worker.mjs';

let worker;
export default {
  fetch(request) {
    worker ??= createWorker({ pack, wasm });
    return worker.fetch(request);
  },
};
