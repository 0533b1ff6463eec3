# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# What every e2e suite needs: the tool on PATH, and a new project in a folder of its own.

setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PATH=$ROOT/build/bin:$PATH
    unset MODE MIRAGE_DEFAULT_TARGET MAKEFLAGS MFLAGS MAKELEVEL
    cd "$BATS_TEST_TMPDIR" || return 1
}

# A project "hello" with a key, in the current folder.
new_project() {
    mirage new hello >/dev/null && cd hello || return 1
}

# config.c from standard input.
write_config() {
    { echo '#include <mirage/config.h>' && cat; } >config.c
}

# The message and the status of a command that must fail without writing anything.
fails_cleanly() {
    local before after
    before=$(find . -type f | LC_ALL=C sort)
    run "$@"
    after=$(find . -type f | LC_ALL=C sort)
    echo "$output"
    [ "$status" -ne 0 ] || return 1
    [ "$before" = "$after" ] || { echo "left behind: $after"; return 1; }
    [[ $output != *"SYNOPSIS"* ]]
}
