#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Each public header compiles by itself, first of all, under both compilers, and after the headers
# whose names it might collide with.
set -u
cd "$(dirname "$0")/../.." || exit 1

flags=(-std=gnu11 -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c -)
number=0
status=0

check() {
    local name=$1
    shift
    number=$((number + 1))
    if output=$("$@" 2>&1); then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        while IFS= read -r line; do echo "# $line"; done <<<"$output"
        status=1
    fi
}

# shellcheck disable=SC2317 # called through check
compile() {
    printf '%s\n' "$2" | "$1" "${flags[@]}"
}

posix='#include <time.h>
#include <stdlib.h>
#include <signal.h>
#include <strings.h>
#include <sys/time.h>
#include <unistd.h>'

for header in include/mirage/*.h; do
    line="#include <mirage/${header##*/}>"
    check "$header alone with gcc" compile gcc "$line"
    check "$header after POSIX with gcc" compile gcc "$posix
$line"
    if command -v clang >/dev/null; then
        check "$header alone with clang" compile clang "$line"
    else
        number=$((number + 1))
        echo "ok $number - $header alone with clang # SKIP clang is not installed"
    fi
done
echo "1..$number"
exit "$status"
