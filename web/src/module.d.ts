// module.d.ts - the type of `inkling/inkling.wasm` in runtimes that import modules.
declare const module: WebAssembly.Module;
export default module;
