# wasi.cmake - toolchain for WASI: the WASI SDK where WASI_SDK_PATH names one, else Debian's clang-22,
# lld-22 and wasi-libc. Two traps of the latter: no --sysroot (Debian's layout is found without one),
# and --no-wasm-opt when linking (clang would run Debian's old wasm-opt over the module).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(INK_WASI ON)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)

if(DEFINED ENV{WASI_SDK_PATH})
  set(CMAKE_C_COMPILER $ENV{WASI_SDK_PATH}/bin/clang)
  set(CMAKE_AR $ENV{WASI_SDK_PATH}/bin/llvm-ar)
  set(CMAKE_RANLIB $ENV{WASI_SDK_PATH}/bin/llvm-ranlib)
else()
  set(CMAKE_C_COMPILER clang-22)
  set(CMAKE_AR /usr/bin/llvm-ar-22)
  set(CMAKE_RANLIB /usr/bin/llvm-ranlib-22)
  set(CMAKE_EXE_LINKER_FLAGS_INIT "--no-wasm-opt")
endif()

set(CMAKE_C_FLAGS_INIT "--target=wasm32-wasi -Wno-deprecated -msimd128")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${CMAKE_EXE_LINKER_FLAGS_INIT} -Wl,--stack-first -Wl,-z,stack-size=1048576")
