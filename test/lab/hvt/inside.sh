# SPDX-License-Identifier: ISC
# shellcheck shell=sh
#
# What a script of checks has at hand inside the lab. It runs in busybox's shell, in the folder that
# holds the files. Results go to the second serial line as TAP.

LAB_OUTPUT=/tmp/output # of the last expect
LAB_SECONDS=${LAB_SECONDS:-60}
lab_count=0

# check NAME COMMANDS: run COMMANDS in a shell of their own that stops at the first failure.
check() {
    lab_count=$((lab_count + 1))
    if timeout -s KILL "$LAB_SECONDS" sh -e -c ". /lab/.checks/inside.sh; $2" >/tmp/check 2>&1; then
        echo "ok $lab_count - $1" >/dev/ttyS1
    else
        echo "not ok $lab_count - $1" >/dev/ttyS1
        tail -n 40 /tmp/check | tr -cd '\t\n -~' | sed 's/^/# /' >/dev/ttyS1
    fi
}

# skip NAME REASON
skip() {
    lab_count=$((lab_count + 1))
    echo "ok $lab_count - $1 # SKIP $2" >/dev/ttyS1
}

# note TEXT: a line for the reader, such as a measurement.
note() {
    echo "# $*" >/dev/ttyS1
}

lab_end() {
    echo "1..$lab_count" >/dev/ttyS1
}

# expect STATUS COMMAND...: run it, show and keep what it prints, and want that exit status.
expect() {
    lab_wanted=$1
    shift
    lab_status=0
    "$@" >"$LAB_OUTPUT" 2>&1 || lab_status=$?
    cat "$LAB_OUTPUT"
    [ "$lab_status" -eq "$lab_wanted" ] || {
        echo "status $lab_status, expected $lab_wanted: $*"
        return 1
    }
}

# says TEXT, says_not TEXT: whether the last expect printed it.
says() {
    grep -qF -e "$1" "$LAB_OUTPUT" || {
        echo "not printed: $1"
        return 1
    }
}

says_not() {
    ! grep -F -e "$1" "$LAB_OUTPUT"
}

# wait_for FILE TEXT: until something in the background has written it, at most 20 seconds.
wait_for() {
    lab_turns=0
    until grep -qF -e "$2" "$1" 2>/dev/null; do
        lab_turns=$((lab_turns + 1))
        [ "$lab_turns" -lt 400 ] || {
            cat "$1"
            echo "never written to $1: $2"
            return 1
        }
        usleep 50000
    done
}
