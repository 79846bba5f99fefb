#!/bin/sh
# symbols.sh ROOM=ARCHIVE... - what the linker sees of the core, native or wasm alike:
#   - no room has mutable state: nothing in .data, .bss, .tdata, .tbss or common
#     (.data.rel.ro is fine: constant tables of functions, relocated once and then read-only);
#   - an undefined symbol is defined in a room that rooms.txt allows, or is one of the four that
#     compilers insert (and of the handful that a wasm object takes from its linker).
# Prints one line a fault and fails when there is one.
set -eu
rooms=$(dirname "$0")/rooms.txt
nm=${NM:-llvm-nm-22} readobj=${READOBJ:-llvm-readobj-22}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "member symbol" of everything mutable in an archive.
mutable() {
  "$readobj" --sections --symbols "$1" 2>/dev/null | awk '
    /^File: / { member = $2; sub(/.*\(/, "", member); sub(/\).*/, "", member) }
    $1 == "Format:" { wasm = ($2 == "WASM") }
    /^Symbols \[/ { symbols = 1 } /^Sections \[/ { symbols = 0 }
    $1 == "Name:" { name = $2 }
    wasm && !symbols && $1 == "Name:" && $2 ~ /^\.(data|bss|tdata|tbss)\./ { print member, $2 }
    !wasm && symbols && $1 == "Size:" { size = $2 }
    !wasm && symbols && $1 == "Section:" && size != "0" &&
      ($2 ~ /^\.(data|bss|tdata|tbss)/ || $2 == "Common") && $2 !~ /^\.data\.rel\.ro/ { print member, name }'
}

known='^(memcpy|memmove|memset|memcmp|__multi3|__stack_pointer|__linear_memory|__indirect_function_table|__memory_base|__table_base|__tls_base|_GLOBAL_OFFSET_TABLE_)$'

for pair in "$@"; do
  room=${pair%%=*} archive=${pair#*=}
  [ -f "$archive" ] || { echo "$room: no archive $archive"; exit 1; }
  "$nm" --defined-only --extern-only --format=just-symbols "$archive" 2>/dev/null | grep -v ':$' | grep . | sort -u > "$work/$room.has" || true
  "$nm" --undefined-only --format=just-symbols "$archive" 2>/dev/null | grep -v ':$' | grep . | sort -u > "$work/$room.needs" || true
done

{
  for pair in "$@"; do
    room=${pair%%=*} archive=${pair#*=}
    mutable "$archive" | sed "s/^/$room: mutable state: /"
    grep -q "^$room:.*libc" "$rooms" && continue
    allowed=$(sed -n "s/^$room:\(.*\)/\1/p" "$rooms" | tr -d '[]')
    cat "$work/$room.has" > "$work/may"
    for other in $allowed; do cat "$work/$other.has" >> "$work/may" 2>/dev/null || true; done
    sort -u -o "$work/may" "$work/may"
    comm -23 "$work/$room.needs" "$work/may" | grep -Ev "$known" | sed "s/^/$room: undefined: /" || true
  done
} > "$work/faults"
cat "$work/faults"
[ ! -s "$work/faults" ]
