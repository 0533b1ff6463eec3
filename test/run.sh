#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Run every test program given on the command line and count. Each prints TAP, or is a unit test of
# cmocka's, which is told to. Ends with `N passed, N failed, N skipped`, and with status 1 if anything
# failed or a program died before it said how.
#
# JOBS of them run side by side (2; most of them sleep half of the time), in the order given; what one
# prints is kept and shown in one piece when it ends. One that takes longer than its limit is ended
# with all that it started: `--limit=SECONDS` among the programs is for those that follow.
set -u
ulimit -c 0

jobs=${JOBS:-2}
limit=900
passed=0 failed=0 skipped=0
folder=$(mktemp -d)
declare -A names=() logs=() limits=() starts=()

# Each program is the leader of a process group that has the number of its timeout(1).
# shellcheck disable=SC2317 # a trap's
give_up() {
    local pid
    for pid in "${!names[@]}"; do kill -TERM -- "-$pid" 2>/dev/null; done
    exit 1
}
trap 'rm -rf "$folder"' EXIT
trap give_up INT TERM

begin() {
    local log

    log=$(mktemp "$folder/XXXXXX")
    # shellcheck disable=SC2086 # a command with its arguments
    CMOCKA_MESSAGE_OUTPUT=TAP BATS_TEST_TIMEOUT=300 timeout --kill-after=10 "$limit" \
        $1 </dev/null >"$log" 2>&1 &
    names[$!]=$1
    logs[$!]=$log
    limits[$!]=$limit
    starts[$!]=$SECONDS
}

# count PID STATUS
count() {
    local log=${logs[$1]} ok not_ok skip wrong=

    skip=$(grep -Ec '^ok .*# [Ss][Kk][Ii][Pp]' "$log")
    ok=$(grep -Ec '^ok ' "$log")
    not_ok=$(grep -Ec '^not ok ' "$log")
    if [ "$2" -ne 0 ] && [ $((SECONDS - starts[$1])) -ge "${limits[$1]}" ]; then
        wrong="hangs: it was ended after ${limits[$1]} s; what it last said is above"
    elif [ "$2" -ne 0 ] && [ "$not_ok" -eq 0 ]; then
        wrong="ended with status $2" # it has died
    elif [ $((ok + not_ok)) -eq 0 ]; then
        wrong="ran no test"
    fi
    if [ -n "$wrong" ]; then
        echo "not ok - ${names[$1]} $wrong"
        not_ok=$((not_ok + 1))
    fi
    passed=$((passed + ok - skip))
    failed=$((failed + not_ok))
    skipped=$((skipped + skip))
}

# Wait for any of them, show what it printed and count.
end_one() {
    local pid status

    wait -n -p pid "${!names[@]}"
    status=$?
    echo "# ${names[$pid]} ($((SECONDS - starts[$pid])) s)"
    if [ "$status" -ne 0 ] || grep -q '^not ok' "${logs[$pid]}"; then
        cat "${logs[$pid]}"
    else
        grep -E '^(ok|not ok) ' "${logs[$pid]}"
    fi
    count "$pid" "$status"
    rm "${logs[$pid]}"
    unset "names[$pid]"
}

for program in "$@"; do
    if [[ $program == --limit=* ]]; then
        limit=${program#--limit=}
        continue
    fi
    [ ${#names[@]} -lt "$jobs" ] || end_one
    begin "$program"
done
while [ ${#names[@]} -gt 0 ]; do end_one; done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
