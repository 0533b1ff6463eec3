#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The times a developer waits for, and the size of what comes out, each beside a plain C program
# built and run in the same minute: what the tool adds is the ratio.
set -eu

ROOT=$(cd "$(dirname "$0")/.." && pwd)
PATH=$ROOT/build/bin:$PATH
unset MAKEFLAGS MFLAGS MAKELEVEL
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# The least of several runs, in microseconds: what the work costs without the machine's noise.
least() {
    local runs=$1 best=999999999 start stop
    shift
    for ((i = 0; i < runs; i++)); do
        start=$(date +%s%N)
        "$@" >/dev/null 2>&1
        stop=$(date +%s%N)
        (((stop - start) / 1000 < best)) && best=$(((stop - start) / 1000))
    done
    echo "$best"
}

row() {
    printf '%-44s %9s us   %-34s %9s us   ratio %s\n' "$1" "$2" "$3" "$4" \
        "$(awk -v a="$2" -v b="$4" 'BEGIN { printf "%.2f", a / b }')"
}

mirage new hello >/dev/null
cd hello
cat >plain.c <<'END'
#include <stdio.h>
#include <time.h>
int main(void)
{
	char text[64];
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &local);
	printf("%s: INF [application] Hello World!\n", text);
	return 0;
}
END

edit_and_make() {
    echo "/* $RANDOM */" >>unikernel.c
    make
}

rm -f dist/hello
configure=$(least 10 mirage configure)
compile=$(least 10 gcc -O0 -o plain plain.c)
row "mirage configure" "$configure" "gcc -O0 of one small file" "$compile"

make >/dev/null
rebuild=$(least 5 edit_and_make)
optimised=$(least 5 gcc -O2 -flto -o plain plain.c)
row "edit and make of hello" "$rebuild" "gcc -O2 -flto of one small file" "$optimised"

nothing=$(least 10 make)
printf 'all:\n' >empty.mk
empty=$(least 10 make -f empty.mk)
row "make with nothing to do" "$nothing" "make of an empty Makefile" "$empty"

sed -i 's/duration_of_sec(1)/0/; s/i < 4/i < 1/' unikernel.c
make >/dev/null
start=$(least 50 dist/hello)
plain=$(least 50 ./plain)
row "dist/hello: start, one log line, exit" "$start" "the same line from plain C" "$plain"

strip plain
printf '%-44s %9s bytes %-32s %9s bytes ratio %s\n' "size of dist/hello, stripped" \
    "$(stat -c %s dist/hello)" "plain C, stripped" "$(stat -c %s plain)" \
    "$(awk -v a="$(stat -c %s dist/hello)" -v b="$(stat -c %s plain)" 'BEGIN { printf "%.2f", a / b }')"
