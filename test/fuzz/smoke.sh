#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Build each fuzz target and run it a fixed number of times from a fixed seed: the same inputs each
# time, so that a failure is one of the code and not of luck.
set -u
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

number=0
status=0
names=(test/fuzz/fuzz_*.c)
reason=
if ! command -v clang >/dev/null; then
    reason="clang is not installed"
elif ! output=$(make -s -j"$(nproc)" fuzz-targets 2>&1); then
    if [[ $output == *libclang_rt* ]]; then
        reason="clang's libFuzzer (libclang-rt-dev) is not installed"
    else
        echo "not ok 1 - the fuzz targets build"
        while IFS= read -r line; do echo "# $line"; done <<<"$output"
        echo "1..1"
        exit 1
    fi
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for source in "${names[@]}"; do
    name=${source##*/fuzz_}
    name=${name%.c}
    number=$((number + 1))
    if [ -n "$reason" ]; then
        echo "ok $number - fuzz $name # SKIP $reason"
        continue
    fi
    if [ ! -x "build/fuzz/$name" ]; then
        echo "ok $number - fuzz $name # SKIP what it fuzzes is not for $(uname -m)"
        continue
    fi
    corpus=test/fuzz/corpus/$name
    mkdir -p "$scratch/$name"
    arguments=(-runs=20000 -seed=1 -verbosity=0 -close_fd_mask=3
        "-artifact_prefix=$scratch/" "$scratch/$name")
    [ -d "$corpus" ] && arguments+=("$corpus")
    if output=$("build/fuzz/$name" "${arguments[@]}" 2>&1); then
        echo "ok $number - fuzz $name"
    else
        echo "not ok $number - fuzz $name"
        while IFS= read -r line; do echo "# $line"; done <<<"$output"
        status=1
    fi
done
echo "1..$number"
exit "$status"
