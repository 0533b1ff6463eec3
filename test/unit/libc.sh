#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The C library of images: what is in it, what is not, and that a program works with it, for each
# architecture that it was built for.
set -u
cd "$(dirname "$0")/../.." || exit 1

library=build/lib/mirage/bare
number=0
status=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

pass() {
    number=$((number + 1))
    echo "ok $number - $1"
}

result() { # name; passes if the file $folder/bad is empty
    if [ -s "$folder/bad" ]; then
        number=$((number + 1))
        echo "not ok $number - $1"
        sed 's/^/# /' "$folder/bad" | head -n 20
        status=1
    else
        pass "$1"
    fi
}

skip() {
    pass "$1 # SKIP $2"
}

# Symbols of the compiler's own library, which is linked after libc.a.
compiler_symbols() { # compiler
    nm --defined-only "$("$1" -print-libgcc-file-name)" 2>/dev/null | awk 'NF == 3 { print $3 }'
}

check_contents() { # architecture compiler objdump mnemonics
    "$3" -d "$library/$1/libc.a" |
        awk -v bad="$4" '/file format/ { member = $1 } $0 ~ "\t(" bad ")([ \t]|$)" { print member, $0 }' >"$folder/bad"
    result "$1: no member of libc.a has a system call instruction"

    {
        printf '%s\n' libc_system_call libc_set_thread_pointer malloc calloc realloc free memalign
        printf '%s\n' __fini_array_start __fini_array_end # the linker's
        printf '%s\n' __cyg_profile_func_enter __cyg_profile_func_exit
        compiler_symbols "$2"
        nm --defined-only "$library/$1/libc.a" 2>/dev/null | awk 'NF == 3 { print $3 }'
    } | sort -u >"$folder/known"
    nm --undefined-only "$library/$1/libc.a" 2>/dev/null | awk 'NF == 2 { print $2 }' | sort -u |
        comm -23 - "$folder/known" >"$folder/bad"
    result "$1: libc.a needs the system call function, the thread pointer, malloc(), the look at the stack and nothing else"
}

check_headers() { # architecture compiler
    # All of the headers, but those that ask for another to come first.
    (cd "$library/$1/include" && find . -name '*.h' ! -path './bits/*' ! -path './netinet/igmp.h' |
        sed 's,^\./\(.*\),#include <\1>,' | sort) >"$folder/all.c"
    "$2" -std=gnu11 -D_GNU_SOURCE -nostdinc -isystem "$library/$1/include" \
        -isystem "$("$2" -print-file-name=include)" -M "$folder/all.c" >"$folder/read" 2>"$folder/bad"
    result "$1: its headers can be included together"
    tr -s ' ' '\n' <"$folder/read" | grep '^/' |
        grep -v -e "^$folder/" -e "^$(realpath "$("$2" -print-file-name=include)")/" \
            -e "^$("$2" -print-file-name=include)/" >"$folder/bad"
    result "$1: no header of the host is read"
}

# A program that refers to every function of unavailable.txt.
check_unavailable() { # architecture compiler runner
    sed '/^#/d; /^$/d' libc/unavailable.txt >"$folder/table"
    {
        echo '#include <errno.h>'
        echo 'int puts(const char *);'
        echo 'int libc_program_start(void);'
        awk '{ print "long " $1 "(void);" }' "$folder/table"
        echo 'int libc_program_start(void) {'
        awk '{ printf "errno = 0; if (%s() != (%s) || errno != ENOSYS) puts(\"%s\");\n", $1, $2, $1 }' "$folder/table"
        echo 'return 0; }'
    } >"$folder/unavailable.c"
    if ! "$2" -w -fno-builtin -nostdinc -isystem "$library/$1/include" -O1 -fno-pie -g -c -o "$folder/unavailable.o" \
        "$folder/unavailable.c" 2>"$folder/bad"; then
        result "$1: functions that cannot work"
        return
    fi
    LC_ALL=C "$2" -static -no-pie -nostdlib -Wl,--gc-sections -o "$folder/unavailable" "$folder/unavailable.o" \
        -Wl,--start-group "build/test/bare/$1/libtested.a" "$library/$1/libc.a" -lgcc -Wl,--end-group 2>"$folder/warnings"
    awk '{ name = $1; $1 = $2 = ""; sub(/^ */, ""); print name "(): " $0 }' "$folder/table" |
        while IFS= read -r text; do
            grep -qF "unavailable.c:$(grep -n "if (${text%%(*}()" "$folder/unavailable.c" | cut -d: -f1): warning: $text" \
                "$folder/warnings" || echo "no warning: $text"
        done >"$folder/bad"
    result "$1: the linker warns of each function that cannot work, with its place and what to use"
    $3 "$folder/unavailable" >"$folder/bad" 2>&1 || echo "exit status $?" >>"$folder/bad"
    rm -f "$folder/unavailable"
    result "$1: each of them fails with ENOSYS"
}

check_program() { # architecture runner
    $2 "build/test/bare/$1/test/images/libc/unikernel" >"$folder/output" 2>&1
    code=$?
    while IFS= read -r line; do
        case $line in
        'ok '*)
            pass "$1: ${line#ok * - }"
            ;;
        'not ok '*)
            echo "${line#not ok * - }" >"$folder/bad"
            result "$1: ${line#not ok * - }"
            ;;
        esac
    done <"$folder/output"
    if [ "$code" -ne 0 ] || ! grep -q '^1\.\.' "$folder/output"; then
        tail -n 5 "$folder/output" >"$folder/bad"
    else
        : >"$folder/bad"
    fi
    result "$1: the program runs to its end"
}

check_input() { # architecture runner
    printf 'one\na line that is longer than the buffer for it\n\nlast' |
        $2 "build/test/bare/$1/test/bare/echo" >"$folder/output" 2>&1
    [ $? -eq 5 ] || echo "exit status is not 5" >>"$folder/output"
    printf '<one>\n<a line that is longer than the >\n<buffer for it>\n<>\n<last>' |
        diff - "$folder/output" >"$folder/bad" 2>&1
    result "$1: standard input, and what was not ended by a newline is written at the end"
}

# A processor without random numbers: the canary, without which nothing starts, comes of jitter.
check_seed() { # architecture emulator processor
    if ! command -v "$2" >/dev/null; then
        skip "$1: it starts on a processor without random numbers" "$2 is not installed"
        return
    fi
    "$2" -cpu "$3" "build/test/bare/$1/test/bare/echo" </dev/null >"$folder/bad" 2>&1 ||
        echo "exit status $?" >>"$folder/bad"
    result "$1: it starts on a processor without random numbers"
}

check() { # architecture compiler objdump mnemonics runner
    if ! [ -e "$library/$1/libc.a" ]; then
        skip "$1: the C library of images" "$2 is not installed"
        return
    fi
    check_contents "$1" "$2" "$3" "$4"
    check_headers "$1" "$2"
    if [ "$1" != "$(uname -m)" ] && ! command -v "$5" >/dev/null; then
        skip "$1: a program" "$5 is not installed"
        return
    fi
    check_unavailable "$1" "$2" "$5"
    check_program "$1" "$5"
    check_input "$1" "$5"
    check_seed "$1" "qemu-$1" "$([ "$1" = x86_64 ] && echo qemu64 || echo cortex-a57)"
}

machine=$(uname -m)
check x86_64 "$([ "$machine" = x86_64 ] && echo gcc || echo x86_64-linux-gnu-gcc)" objdump \
    'syscall|sysenter|int' "$([ "$machine" = x86_64 ] || echo qemu-x86_64)"
check aarch64 "$([ "$machine" = aarch64 ] && echo gcc || echo aarch64-linux-gnu-gcc)" \
    "$([ "$machine" = aarch64 ] && echo objdump || echo aarch64-linux-gnu-objdump)" svc \
    "$([ "$machine" = aarch64 ] || echo qemu-aarch64)"
echo "1..$number"
exit "$status"
