#!/bin/bash
# SPDX-License-Identifier: ISC
#
# For each specification: what is built of random fields parses to them, and what parses of random
# bytes is read and built again. The seed is fixed, so that a failure is one of the code.
set -u
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

if ! output=$(make -s -j"$(nproc)" properties 2>&1); then
    echo "not ok 1 - the generated programs build"
    while IFS= read -r line; do echo "# $line"; done <<<"$output"
    echo "1..1"
    exit 1
fi
number=0
status=0
for program in $(find build/test/property -type f -perm -u+x | LC_ALL=C sort); do
    number=$((number + 1))
    name=${program#build/test/property/}
    if output=$("$program" 3000 1 2>&1); then
        echo "ok $number - $name: $output"
    else
        echo "not ok $number - $name"
        while IFS= read -r line; do echo "# $line"; done <<<"$output"
        status=1
    fi
done
echo "1..$number"
exit "$status"
