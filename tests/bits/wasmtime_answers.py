#!/usr/bin/env python3
"""wasmtime_answers.py COMMAND.wasm [WORD...] - runs a WASI command once for each line of standard input,
which it gets as its own, in a fresh instance; prints each answer on a line. One process for all, so that
a hundred requests compile the module once."""
import json
import os
import sys
import tempfile

import wasmtime


def answer(engine, module, linker, arguments, body, folder):
    stdin, stdout = os.path.join(folder, "stdin"), os.path.join(folder, "stdout")
    with open(stdin, "w", encoding="utf-8") as f:
        f.write(body)
    wasi = wasmtime.WasiConfig()
    wasi.argv = arguments
    wasi.stdin_file = stdin
    wasi.stdout_file = stdout
    wasi.preopen_dir(".", ".")
    store = wasmtime.Store(engine)
    store.set_wasi(wasi)
    code = 0
    try:
        linker.instantiate(store, module).exports(store)["_start"](store)
    except wasmtime.ExitTrap as leave:
        code = leave.code
    except wasmtime.Trap as trap:
        return json.dumps({"error": str(trap)})
    with open(stdout, encoding="utf-8") as f:
        text = f.read().strip()
    return text if code == 0 else json.dumps({"error": f"exit {code}: {text}"})


def main(arguments):
    engine = wasmtime.Engine()
    module = wasmtime.Module.from_file(engine, arguments[0])
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin.read().splitlines():
            print(answer(engine, module, linker, arguments, line, folder))


if __name__ == "__main__":
    main(sys.argv[1:])
