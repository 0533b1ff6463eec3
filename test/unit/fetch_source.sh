#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Source archives are fetched once, checked, and kept. The mirror is a folder.
set -u
cd "$(dirname "$0")/../.." || exit 1

number=0
status=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_CACHE_HOME=$folder/cache
export MIRAGE_DEBIAN_MIRROR=file:$folder/mirror

result() { # exit-status name
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$folder/said"
        status=1
    fi
}

fetch() {
    kept=$(tools/fetch_source.sh "$folder/lock" 2>"$folder/said")
}

says() {
    grep -q -e "$1" "$folder/said"
}

if ! [ -x /usr/lib/apt/apt-helper ]; then
    echo "ok 1 - source archives # SKIP apt is not here"
    echo 1..1
    exit 0
fi

mkdir -p "$folder/mirror/pool"
echo contents >"$folder/mirror/pool/x.tar.gz"
hash=$(sha256sum <"$folder/mirror/pool/x.tar.gz" | cut -d' ' -f1)
printf '# a comment\n%s 9 pool/x.tar.gz\n' "$hash" >"$folder/lock"

fetch && [ "$(cat "$kept")" = contents ] && says fetching
result $? "an archive is fetched and its place printed"
rm "$folder/mirror/pool/x.tar.gz"
fetch && [ "$(cat "$kept")" = contents ] && ! says .
result $? "it is not fetched again"
echo changed >"$kept"
! fetch && says 'cannot fetch pool/x.tar.gz'
result $? "what was changed in the cache is not used, and what is not on the mirror is an error"
says "$hash" && says "$XDG_CACHE_HOME/mirage/sources/$hash"
result $? "the error tells where to put it by hand"
echo tampered >"$folder/mirror/pool/x.tar.gz"
! fetch && says 'Hash Sum mismatch'
result $? "an archive with another hash is refused"
echo contents >"$folder/mirror/pool/x.tar.gz"
printf '%s 8 pool/x.tar.gz\n' "$hash" >"$folder/lock"
! fetch && says 'size'
result $? "an archive of another size is refused"
[ -z "$(find "$XDG_CACHE_HOME" -name 'new.*')" ]
result $? "nothing half done is left behind"
echo "1..$number"
exit "$status"
