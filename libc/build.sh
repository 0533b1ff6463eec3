#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Build the C library of images for one architecture:
#
#     libc/build.sh ARCH COMPILER WORK RESULT
#
# Unpacks the locked musl source below WORK, removes what libc/removed.txt lists, lays libc/overlay
# over it, compiles, and leaves RESULT/include and RESULT/libc.a. All of it starts afresh: `make`
# calls this only when something in libc/ has changed. Equal inputs give equal bytes.
set -eu

architecture=$1 compiler=$2 work=$3 result=$4
here=$(cd "$(dirname "$0")" && pwd)

archive=$("$here/../tools/fetch_source.sh" "$here/musl.lock")

rm -rf "$work"
mkdir -p "$work"
tar -xzf "$archive" -C "$work" --strip-components=1

sed 's/[[:space:]]*#.*//' "$here/removed.txt" | while read -r pattern; do
    [ -n "$pattern" ] || continue
    # shellcheck disable=SC2086 # patterns of files
    (cd "$work" && rm -r $pattern) # one that matches nothing is an error: the list is stale
done
cp "$here/overlay/arch/syscall_arch.h" "$work/arch/$architecture/syscall_arch.h"
cp -R "$here/overlay/src" "$work/"
cp "$here/../targets/bare/libc_block.h" "$work/src/internal/"

# A function that fails, and the linker's warning for whoever refers to it. Weak, so that a program
# may have a function of that name itself.
mkdir -p "$work/src/unavailable"
sed '/^#/d; /^$/d' "$here/unavailable.txt" | while read -r name value text; do
    cat >"$work/src/unavailable/$name.c" <<FUNCTION
#include <errno.h>
weak long $name(void);
long $name(void)
{
	errno = ENOSYS;
	return $value;
}
static const char warning[] __attribute__((used, section(".gnu.warning.$name"))) = "$name(): $text";
FUNCTION
done

# Those beside them with small frames; another compiler than gcc has no such option.
unchecked=-finstrument-functions-exclude-function-list=out,pad,pop_arg,getint,fmt_x,fmt_o,fmt_u,printf,scan,hexfloat
# shellcheck disable=SC2086 # may be two words
echo | $compiler "$unchecked" -x c -S -o - - >"$work/unchecked.s" 2>&1 || unchecked=

# What musl's own `configure` would find out about gcc, and how images want it.
cat >"$work/config.mak" <<CONFIG
ARCH = $architecture
srcdir = .
CC = $compiler
AR = $($compiler -print-prog-name=ar)
RANLIB = $($compiler -print-prog-name=ranlib) -D
CFLAGS_C99FSE = -std=c99 -nostdinc -ffreestanding -fexcess-precision=standard -frounding-math \\
	-fno-strict-aliasing -Wa,--noexecstack
CFLAGS_AUTO = $(tr '\n' ' ' <"$here/flags.txt") -g -ffile-prefix-map=$work=musl
CPPFLAGS = -D__libc_malloc=malloc -D__libc_calloc=calloc -D__libc_free=free
CFLAGS_MEMOPS = -fno-tree-loop-distribute-patterns
OPTIMIZE_GLOBS = string/*.c stdlib/qsort*.c internal/*.c
SHARED_LIBS =
# Frames that reach over the guard page below a small stack: they look first (targets/bare/stack_check.c).
obj/src/stdio/vfprintf.o obj/src/internal/floatscan.o obj/src/crypt/crypt_blowfish.o: CFLAGS_ALL += \\
	-finstrument-functions $unchecked
CONFIG

# Without a jobserver above, use what the machine has.
case ${MAKEFLAGS:-} in
*jobserver*) jobs= ;;
*) jobs=-j$(nproc) ;;
esac
mkdir -p "$result"
# shellcheck disable=SC2086 # may be empty
if ! (cd "$work" && make -s $jobs CC="$compiler" lib/libc.a >build.log 2>&1 && make -s includedir="$PWD/staged" install-headers >>build.log 2>&1); then
    grep -A4 -e 'error:' -e '\*\*\*' "$work/build.log" | head -n 40 >&2
    echo "libc: the C library for $architecture did not build; all of it is in $work/build.log" >&2
    exit 1
fi
rm -rf "$result/include"
cp -R "$work/staged" "$result/include"
cp "$work/lib/libc.a" "$result/libc.a"
