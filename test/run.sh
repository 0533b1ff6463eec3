#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Run every test program given on the command line, one section each, and count. Each prints TAP, or
# is a unit test of cmocka's, which is told to. Ends with `N passed, N failed, N skipped`, and with
# status 1 if anything failed or a program died before it said how.
set -u

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

count() {
    local ok not_ok skip

    skip=$(grep -Ec '^ok .*# [Ss][Kk][Ii][Pp]' "$log")
    ok=$(grep -Ec '^ok ' "$log")
    not_ok=$(grep -Ec '^not ok ' "$log")
    passed=$((passed + ok - skip))
    failed=$((failed + not_ok))
    skipped=$((skipped + skip))
    # A program that ends badly without a failed test has died.
    if [ "$1" -ne 0 ] && [ "$not_ok" -eq 0 ]; then
        echo "not ok - $2 ended with status $1"
        failed=$((failed + 1))
    fi
    if [ $((ok + not_ok)) -eq 0 ] && [ "$1" -eq 0 ]; then
        echo "not ok - $2 ran no test"
        failed=$((failed + 1))
    fi
}

for program in "$@"; do
    echo "# $program"
    # shellcheck disable=SC2086 # a command with its arguments
    CMOCKA_MESSAGE_OUTPUT=TAP $program >"$log" 2>&1
    status=$?
    if [ "$status" -ne 0 ] || grep -q '^not ok' "$log"; then
        cat "$log"
    else
        grep -E '^(ok|not ok) ' "$log"
    fi
    count "$status" "$program"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
