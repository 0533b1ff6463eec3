#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Build a package for images of one architecture:
#
#     packages/build.sh RECIPE ARCH COMPILER LIBC WORK RESULT
#
# RECIPE is a folder with recipe.mk and source.lock (README.md); its last part is the package's name.
# Fetches the locked source archive unless it is in the cache, unpacks it below WORK, lays
# RECIPE/overlay over it, compiles it against the C library of images in the folder LIBC (or, if that is
# `host`, for programs of this machine), and leaves RESULT/libNAME.a, RESULT/include and RESULT/licenses.
# All of it starts afresh. Equal inputs give equal bytes.
set -eu

absolute() {
    mkdir -p "$1" && (cd "$1" && pwd)
}

here=$(cd "$(dirname "$0")" && pwd)
recipe=$(cd "$1" && pwd) architecture=$2 compiler=$3 libc=$4
[ "$libc" = host ] || libc=$(cd "$libc" && pwd)
name=$(basename "$recipe")
# Beside this file where mirage is installed.
fetch=$here/fetch_source.sh
[ -x "$fetch" ] || fetch=$here/../tools/fetch_source.sh

fail() {
    echo "package $name: $*" >&2
    exit 1
}

archive=$("$fetch" "$recipe/source.lock") ||
    fail "its source archive is not here, so it was not built; what $recipe/source.lock names may have left" \
        "the mirror for a newer version: set MIRAGE_DEBIAN_MIRROR to one that has it, or lock the newer one"
[ -f "$archive" ] || fail "source.lock is to name one archive"

rm -rf "$5"
work=$(absolute "$5") result=$(absolute "$6")
tar -xf "$archive" -C "$work" --strip-components=1
if [ -d "$recipe/overlay" ]; then
    cp -R "$recipe/overlay/." "$work"
fi
cp "$recipe/recipe.mk" "$work/recipe.mirage"

# Without a jobserver above, use what the machine has.
case ${MAKEFLAGS:-} in
*jobserver*) jobs= ;;
*) jobs=-j$(nproc) ;;
esac
run() { # goal
    # shellcheck disable=SC2086 # may be empty
    make -C "$work" -f "$here/package.mk" $jobs NAME="$name" ARCH="$architecture" CC="$compiler" \
        LIBC="$libc" "$1"
}
if ! { run prepare && run all; } >"$work/build.log" 2>&1; then
    grep -A4 -e 'error:' -e '\*\*\*' "$work/build.log" | head -n 40 >&2
    fail "it did not build for $architecture; all of it is in $work/build.log"
fi
# The archive last: it is what others look at.
rm -rf "$result/include" "$result/licenses"
cp -R "$work/staged.mirage/include" "$work/staged.mirage/licenses" "$recipe/source.lock" "$result"
cp "$work/staged.mirage/lib$name.a" "$result/new.a"
mv "$result/new.a" "$result/lib$name.a"
