#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The C that mplc writes: no warnings under the flags of the project, with gcc and clang, hosted and
# freestanding; and accessors are the instructions that hand-written ones are.
set -u
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=test/unit/tap.bash
. test/unit/tap.bash

warnings=$(sed -n '/^WARNINGS := /,/[^\\]$/p' Makefile | sed 's/^WARNINGS := //; s/\\$//' | tr '\n' ' ')
read -ra gcc_warnings <<<"$warnings"
read -ra clang_warnings <<<"$(tr ' ' '\n' <<<"$warnings" | grep -vxE -- \
    '-Wlogical-op|-Wduplicated-cond|-Wduplicated-branches|-Wno-format-truncation' | tr '\n' ' ')"

# What slice.h needs of a C library, for a compiler that has none.
mkdir "$scratch/libc" "$scratch/out"
cat >"$scratch/libc/errno.h" <<'END'
#define ENOBUFS 105
#define EINVAL 22
#define ERANGE 34
#define EMSGSIZE 90
#define EBADMSG 74
#define EPROTO 71
#define ENOMSG 42
#define EILSEQ 84
#define E2BIG 7
#define EOVERFLOW 75
END
cat >"$scratch/libc/string.h" <<'END'
#include <stddef.h>
void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);
size_t strlen(const char *);
int strcmp(const char *, const char *);
END

for spec in net/formats/*.mpl test/mplc/*.mpl test/mplc/historical/*.mpl; do
    name=$(basename "$spec" .mpl)
    mkdir -p "$scratch/out/${spec%/*}"
    out=$scratch/out/${spec%/*}
    # What it imports is compiled too.
    sed -n "s|^import \"\(.*\)\";.*|${spec%/*}/\1|p" "$spec" >"$scratch/specs"
    echo "$spec" >>"$scratch/specs"
    xargs build/bin/mplc --output="$out" <"$scratch/specs" >"$scratch/output" 2>&1
    report $? "mplc compiles $spec"
    common=(-std=gnu11 -Iinclude -iquote "$out" -c -o "$scratch/x.o" "$out/$name.c")
    gcc -O2 "${gcc_warnings[@]}" -Wframe-larger-than=1024 "${common[@]}" >"$scratch/output" 2>&1
    report $? "$name hosted with gcc"
    gcc -O2 -Wall -Wextra -Wpedantic -Werror "${common[@]}" -std=c11 >"$scratch/output" 2>&1
    report $? "$name as C11 without extensions with gcc"
    gcc -O2 "${gcc_warnings[@]}" -ffreestanding -nostdinc -isystem "$(gcc -print-file-name=include)" \
        -isystem "$scratch/libc" "${common[@]}" >"$scratch/output" 2>&1
    report $? "$name freestanding with gcc"
    if command -v clang >/dev/null; then
        clang -O2 "${clang_warnings[@]}" "${common[@]}" >"$scratch/output" 2>&1
        report $? "$name hosted with clang"
    else
        number=$((number + 1))
        echo "ok $number - $name hosted with clang # SKIP clang is not installed"
    fi
done

# Each pair is the accessor and what one would write; the compilers must make the same of both.
cat >"$scratch/pairs.c" <<'END'
#include "ethernet.h"
#include "ipv4.h"
#include "tcp.h"
#define P const uint8_t *p = view->bytes.bytes
#define PAIR(name, type, view_type, generated, hand)          \
	type generated_##name(const view_type *view);         \
	type generated_##name(const view_type *view)          \
	{                                                     \
		return generated;                             \
	}                                                     \
	type hand_##name(const view_type *view);              \
	type hand_##name(const view_type *view)               \
	{                                                     \
		P;                                            \
		return hand;                                  \
	}
PAIR(ethernet_type, uint16_t, struct ethernet, ethernet_type(view), (uint16_t)(p[12] << 8 | p[13]))
PAIR(ipv4_version, uint8_t, struct ipv4, ipv4_version(view), p[0] >> 4)
PAIR(ipv4_ihl, uint8_t, struct ipv4, ipv4_ihl(view), p[0] & 15)
PAIR(ipv4_ecn, uint8_t, struct ipv4, ipv4_ecn(view), p[1] & 3)
PAIR(ipv4_length, uint16_t, struct ipv4, ipv4_length(view), (uint16_t)(p[2] << 8 | p[3]))
PAIR(ipv4_offset, uint16_t, struct ipv4, ipv4_fragment_offset(view), (uint16_t)((p[6] << 8 | p[7]) & 0x1fff))
PAIR(ipv4_ttl, uint8_t, struct ipv4, ipv4_ttl(view), p[8])
PAIR(tcp_port, uint16_t, struct tcp, tcp_destination_port(view), (uint16_t)(p[2] << 8 | p[3]))
PAIR(tcp_sequence, uint32_t, struct tcp, tcp_sequence(view),
     (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7])
PAIR(tcp_fin, uint8_t, struct tcp, tcp_fin(view), p[13] & 1)
PAIR(tcp_window, uint16_t, struct tcp, tcp_window(view), (uint16_t)(p[14] << 8 | p[15]))
PAIR(ipv4_data, const uint8_t *, struct ipv4, ipv4_data(view).bytes, p + view->options_end)
PAIR(ipv4_payload, size_t, struct ipv4, ipv4_data(view).length, view->data_end - view->options_end)
void generated_set(const struct ipv4 *view, uint16_t value);
void generated_set(const struct ipv4 *view, uint16_t value)
{
	ipv4_set_identification(view, value);
}
void hand_set(const struct ipv4 *view, uint16_t value);
void hand_set(const struct ipv4 *view, uint16_t value)
{
	uint8_t *p = view->bytes.bytes;
	p[4] = (uint8_t)(value >> 8);
	p[5] = (uint8_t)value;
}
END

# The instructions of a function, without addresses. Whether a shift of a byte is made in the whole
# register or its lowest part is no difference.
instructions() {
    objdump -d --no-show-raw-insn --no-addresses "$1" |
        awk -v name="<$2>:" '$1 == name { on = 1; next } /^$/ { on = 0 } on' | sed 's/#.*//; s/[ \t]*$//; s/sar /shr /; s/\(shr .*\)%e\?al\?x\?$/\1%eax/' |
        grep -vE '^\s*(nop|cs nop|data16|xchg +%ax,%ax)'
}

for compiler in gcc clang; do
    if ! command -v "$compiler" >/dev/null; then
        number=$((number + 1))
        echo "ok $number - instructions of $compiler # SKIP it is not installed"
        continue
    fi
    "$compiler" -std=gnu11 -O2 -fcf-protection=none -Iinclude -iquote "$scratch/out/net/formats" \
        -c -o "$scratch/pairs.o" "$scratch/pairs.c" >"$scratch/output" 2>&1
    report $? "the pairs compile with $compiler"
    for name in $(sed -n 's/^PAIR(\([a-z0-9_]*\),.*/\1/p' "$scratch/pairs.c") set; do
        instructions "$scratch/pairs.o" "generated_$name" >"$scratch/generated"
        instructions "$scratch/pairs.o" "hand_$name" >"$scratch/hand"
        diff "$scratch/hand" "$scratch/generated" >"$scratch/output" 2>&1 && [ -s "$scratch/hand" ]
        same=$?
        # clang makes one swap of our load where it takes bytes written by hand one by one.
        if [ $same -ne 0 ] && [ -s "$scratch/generated" ] &&
            [ "$(wc -l <"$scratch/generated")" -lt "$(wc -l <"$scratch/hand")" ]; then
            report 0 "$name is fewer instructions than hand-written C with $compiler"
            continue
        fi
        report $same "$name is the instructions of hand-written C with $compiler"
    done
done
echo "1..$number"
exit "$status"
