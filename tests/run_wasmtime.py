#!/usr/bin/env python3
"""run_wasmtime.py PROGRAM.wasm [ARGUMENT...] - runs a WASI command under wasmtime (PyPI: wasmtime),
with the whole file system opened under its own name and the present folder under `.`.
Standard input and output are ours; the program's exit code becomes ours; a trap is exit 134."""
import os
import sys

import wasmtime


def main(arguments):
    config = wasmtime.Config()
    config.cache = True                     # compiled code is kept between runs
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = arguments
    wasi.env = list(os.environ.items())
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    wasi.preopen_dir("/", "/")
    wasi.preopen_dir(".", ".")
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    instance = linker.instantiate(store, wasmtime.Module.from_file(engine, arguments[0]))
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as leave:
        return leave.code
    except wasmtime.Trap as trap:
        print(trap, file=sys.stderr)
        return 134
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
