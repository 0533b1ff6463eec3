#!/bin/bash
# SPDX-License-Identifier: ISC
#
# What a folder of 1,000 files and 100 MB adds to `mirage build`: the time of a build with it less that of a build
# with one small file. The peer packs the same folder with tar and links the archive into plain C by `ld -b binary`.
set -eu

ROOT=$(cd "$(dirname "$0")/.." && pwd)
PATH=$ROOT/build/bin:$PATH
unset MAKEFLAGS MFLAGS MAKELEVEL
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$ROOT"/examples/device-usage/kv_ro_crunch/*.c "$folder"
cd "$folder"

mkdir big small
for i in $(seq 1000); do head -c 100000 /dev/urandom >"big/$i"; done
echo small >small/1
echo 'int main(void) { return 0; }' >plain.c

# The whole build of the example with the folder $1 as its data, from nothing.
build() {
    rm -rf t dist mirage Makefile _build
    ln -s "$1" t
    mirage configure -t "$target"
    mirage build
    test -s dist/kv_ro* # a build that fails is not a fast one
}

pack() {
    tar cf t.tar "$1"
    ld -r -b binary -o t.o t.tar
    gcc -O2 -o plain plain.c t.o
}

# The least of three runs, in milliseconds.
least() {
    local best=999999999 start stop
    for _ in 1 2 3; do
        start=$(date +%s%N)
        "$@" >/dev/null 2>&1
        stop=$(date +%s%N)
        (((stop - start) / 1000000 < best)) && best=$(((stop - start) / 1000000))
    done
    echo "$best"
}

peer=$(($(least pack big) - $(least pack small)))
for target in unix spt; do
    ours=$(($(least build big) - $(least build small)))
    printf 'crunch of 1,000 files, 100 MB, %-5s adds %5d ms   tar and ld adds %5d ms   ratio %s\n' "$target" "$ours" "$peer" \
        "$(awk -v a="$ours" -v b="$peer" 'BEGIN { printf "%.2f", a / b }')"
done
