#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# What `mirage run` does for an hvt image, where it cannot do it itself: the commands that it prints
# are run in the lab, in one boot.

load ../lab/hvt/lab

# The commands of `mirage run`, with the lab's programs and files.
commands_for_lab() {
    mirage run --dry-run "$@" | sed -E -e 's/^\* run( beside gdb:)? //' -e 's,/[^ ]*/(solo5-hvt),\1,' \
        -e 's,(dist|_build/hvt)/,,g'
}

setup_file() {
    local commands gdb root
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    [ "$(uname -m)" = x86_64 ] || skip "the hvt target is for x86-64"
    PATH=$root/build/bin:$PATH
    unset MODE MIRAGE_DEFAULT_TARGET MAKEFLAGS MFLAGS MAKELEVEL
    cd "$BATS_FILE_TMPDIR" && mirage new hello >/dev/null && cd hello || return 1
    sed -i 's/duration_of_sec/duration_of_ms/' unikernel.c
    mirage configure -q -t hvt
    mirage build -q
    {
        printf '%s' "check 'the tender gets memory and arguments' 'expect 0 "
        commands_for_lab --mem=4 -- --hello=a\ b | sed "s/'/'\\\\''/g"
        echo "says \"4 MB addressable\"; says \"a b\"'"
        mapfile -t commands < <(commands_for_lab --gdb | sed "s/'/'\\\\''/g")
        echo "check 'gdb attaches and stops where the first job starts' 'ifconfig lo 127.0.0.1"
        echo "${commands[0]} >tender.txt 2>&1 &"
        printf '%s\n' "printf \"bt\\nkill\\n\" | ${commands[1]} >gdb.txt 2>&1 || true" \
            'cat tender.txt gdb.txt'
        echo "grep -q \"Breakpoint 1, hello_start (time=.*unikernel.c:\" gdb.txt"
        echo "grep -q \"hello_main_1 () at mirage/main.c\" gdb.txt; grep -q runtime/fiber.c gdb.txt'"
    } >checks.sh
    # Debian's smaller gdb: the other one wants the whole of Python.
    gdb=$("$root/test/lab/hvt/fetch.sh" gdb-minimal ./usr/bin/gdb)
    lab_boot --program "$gdb/usr/bin/gdb" --program "$root/build/bin/solo5-hvt" \
        --program "$root/build/bin/solo5-hvt-debug" --file dist/hello.hvt --file _build/hvt/image.debug \
        --script checks.sh
}

@test "the tender gets memory and arguments" { lab_result; }
@test "gdb attaches and stops where the first job starts" { lab_result; }
@test "every check of the lab is asked for" { lab_checks_all_asked; }
