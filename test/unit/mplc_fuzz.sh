#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The libFuzzer target that mplc writes for each specification, a fixed number of times from a fixed
# seed.
set -u
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

reason=
if ! command -v clang >/dev/null; then
    reason="clang is not installed"
elif ! output=$(make -s -j"$(nproc)" mplc-fuzz-targets 2>&1); then
    if [[ $output == *libclang_rt* ]]; then
        reason="clang's libFuzzer (libclang-rt-dev) is not installed"
    else
        echo "not ok 1 - the fuzz targets build"
        while IFS= read -r line; do echo "# $line"; done <<<"$output"
        echo "1..1"
        exit 1
    fi
fi
number=0
status=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for spec in net/formats/*.mpl test/mplc/*.mpl test/mplc/historical/*.mpl; do
    number=$((number + 1))
    name=${spec%.mpl}
    name=${name#net/}
    name=${name#test/mplc/}
    if [ -n "$reason" ]; then
        echo "ok $number - fuzz $name # SKIP $reason"
        continue
    fi
    mkdir -p "$scratch/corpus"
    if output=$("build/fuzz/specs/$name" -runs=10000 -seed=1 -max_len=600 -verbosity=0 -close_fd_mask=1 \
        "-artifact_prefix=$scratch/" "$scratch/corpus" 2>&1); then
        echo "ok $number - fuzz $name"
    else
        echo "not ok $number - fuzz $name"
        while IFS= read -r line; do echo "# $line"; done <<<"$output"
        status=1
    fi
    rm -rf "$scratch/corpus"
done
echo "1..$number"
exit "$status"
