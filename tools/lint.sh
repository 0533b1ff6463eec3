#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Format, clang-tidy, cppcheck, shellcheck. Ends with 1 if any of them has something to say.
set -u
cd "$(dirname "$0")/.." || exit 1

mapfile -t sources < <(git ls-files -- '*.c' '*.h' | grep -v '^test/fuzz/corpus/')
mapfile -t checked < <(printf '%s\n' "${sources[@]}" | grep '\.c$' | grep -Ev '^(examples|test|bench|libc/overlay)/')
mapfile -t scripts < <(git ls-files -- '*.sh' .ci/run; git ls-files -- 'test/*.bash')
status=0

run() {
    echo "lint: $1"
    shift
    "$@" || status=1
}

run clang-format clang-format --dry-run -Werror "${sources[@]}"
run shellcheck shellcheck "${scripts[@]}"
run cppcheck cppcheck --quiet --std=c11 --enable=warning,performance,portability \
    --inline-suppr --error-exitcode=1 --suppress=missingInclude --suppress=preprocessorErrorDirective \
    -D__x86_64__ -Iinclude -I. "${checked[@]}"
run clang-tidy clang-tidy --quiet "${checked[@]}" -- -std=gnu11 -D_GNU_SOURCE -Iinclude -I. \
    -isystem "build/lib/mirage/bare/$(uname -m)/packages/mbedtls/include" \
    -DMIRAGE_VERSION='"0"' -DMIRAGE_MUSL_VERSION='"0"' \
    -DSOLO5_NOTE_TARGET=SOLO5_TARGET_HVT -DSOLO5_NOTE_VERSION=2 2> >(grep -v 'warnings\? generated' >&2)

if [ "$status" -eq 0 ]; then
    echo "lint: clean"
else
    echo "lint: see above" >&2
fi
exit "$status"
