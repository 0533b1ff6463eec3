#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Tests of run_group.c: what a unit test says when an assertion fails in a fiber, and when one hangs.
set -u
cd "$(dirname "$0")/../.." || exit 1

program=build/test/unit/failing_fiber
number=0
status=0

# holds NAME CONDITION…: prints what the program printed if not.
holds() {
    local name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        while IFS= read -r line; do echo "#   $line"; done <<<"$output"
        status=1
    fi
}

# shellcheck disable=SC2317 # called through holds
says() {
    [[ $output == *"$1"* ]]
}

export CMOCKA_MESSAGE_OUTPUT=TAP
output=$(timeout --signal=KILL 60 "$program" 2>&1)
ended=$?
holds "a failure in a fiber ends the program at once" [ "$ended" -eq 1 ]
holds "it is the test's own failure" says "not ok 2 - a_fiber_that_fails"
holds "with what was compared" says '"this" != "something else"'
holds "and where" says "failing_fiber.c:"
holds "tests that come after it are told of" says "Bail out! 'a_fiber_that_fails' was left from a fiber"
holds "what comes after it is not run" eval '! says "torn down" && ! says "ok 3"'

output=$(UNIT_TEST_SECONDS=1 timeout --signal=KILL 60 "$program" hang 2>&1)
ended=$?
holds "a test that hangs is ended" [ "$ended" -eq 1 ]
holds "its name is told" says "not ok - 'a_fiber_that_hangs' hangs: it takes more than 1 s"
holds "and where it is" says "in hangs test/unit/failing_fiber.c:"

echo "1..$number"
exit "$status"
