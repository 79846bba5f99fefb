# third_party.cmake - the three targets that stand for what is not ours: ink_zlib (gzip), ink_cjson
# (<cjson/cJSON.h>) and ink_threads. Natively they are Debian's -dev packages. For WASI the same
# packages' sources, Debian's patches applied, lie under INK_SOURCES (`./run setup` puts them there)
# and are compiled here. There is no third-party code in the repository.
add_library(ink_zlib INTERFACE)
add_library(ink_cjson INTERFACE)
add_library(ink_threads INTERFACE)

if(NOT INK_WASI)
  find_package(ZLIB REQUIRED)
  find_package(Threads REQUIRED)
  find_library(INK_CJSON_LIBRARY cjson REQUIRED)
  target_link_libraries(ink_zlib INTERFACE ZLIB::ZLIB)
  target_link_libraries(ink_cjson INTERFACE ${INK_CJSON_LIBRARY})
  target_link_libraries(ink_threads INTERFACE Threads::Threads)
  return()
endif()

set(INK_SOURCES ${PROJECT_SOURCE_DIR}/build/src CACHE PATH "where the sources of zlib and cJSON lie")
if(NOT EXISTS ${INK_SOURCES}/zlib/zlib.h OR NOT EXISTS ${INK_SOURCES}/cjson/cJSON.c)
  message(FATAL_ERROR "no sources of zlib and cJSON in ${INK_SOURCES}: run ./run setup")
endif()

set(z ${INK_SOURCES}/zlib)
add_library(ink_zlib_wasi STATIC
  ${z}/adler32.c ${z}/compress.c ${z}/crc32.c ${z}/deflate.c ${z}/gzclose.c ${z}/gzlib.c ${z}/gzread.c
  ${z}/gzwrite.c ${z}/infback.c ${z}/inffast.c ${z}/inflate.c ${z}/inftrees.c ${z}/trees.c ${z}/uncompr.c
  ${z}/zutil.c)
target_compile_definitions(ink_zlib_wasi PRIVATE HAVE_UNISTD_H=1 _LARGEFILE64_SOURCE=0)
target_include_directories(ink_zlib_wasi SYSTEM PUBLIC ${z})
target_compile_options(ink_zlib_wasi PRIVATE -w)
target_link_libraries(ink_zlib INTERFACE ink_zlib_wasi)

# The header is <cjson/cJSON.h> when installed, cJSON.h in the source.
configure_file(${INK_SOURCES}/cjson/cJSON.h ${CMAKE_BINARY_DIR}/include/cjson/cJSON.h COPYONLY)
add_library(ink_cjson_wasi STATIC ${INK_SOURCES}/cjson/cJSON.c)
target_include_directories(ink_cjson_wasi SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/include)
target_compile_options(ink_cjson_wasi PRIVATE -w)
target_link_libraries(ink_cjson INTERFACE ink_cjson_wasi)
