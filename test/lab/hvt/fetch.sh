#!/bin/bash
# SPDX-License-Identifier: ISC
#
# fetch.sh PACKAGE PATTERN...: print a folder that holds the files of a Debian package which match
# the patterns (tar's wildcards, such as './boot/vmlinuz-*'), without installing it.
#
# The folder is kept in ${XDG_CACHE_HOME:-~/.cache}/mirage, so the archive is asked once; its file
# `origin` says which version it is and what the package's SHA-256 was. LAB_REFRESH=1 asks again.
# PACKAGE may be a package that only depends on the real one, as linux-image-amd64 is.
set -eu

package=$1
shift
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mirage
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9

key=$cache/$package-$(printf '%s\n' "$@" | sha256sum | cut -c1-8)
if [ -s "$key/origin" ] && [ -z "${LAB_REFRESH:-}" ]; then
    echo "$key"
    exit 0
fi

fail() {
    echo "fetch: $*" >&2
    exit 1
}

command -v apt-get >/dev/null || fail "no apt-get here: the lab takes $package from Debian's archive"
real=$package
if depends=$(apt-cache depends --important "$package" 2>/dev/null) && [ "$package" = linux-image-amd64 ]; then
    real=$(awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2; exit }' <<<"$depends")
    [ -n "$real" ] || fail "$package depends on no kernel: run apt-get update"
fi

work=$(mktemp -d "$cache/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get -q -o APT::Sandbox::User="$(id -un)" download "$real" >download.log 2>&1) ||
    fail "cannot download $real: $(tail -1 "$work/download.log") (apt-get update may help)"
deb=$(echo "$work"/*.deb)
mkdir "$work/tree"
dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/tree" --wildcards "$@"
echo "$real $(dpkg-deb -f "$deb" Version) sha256:$(sha256sum "$deb" | cut -d' ' -f1)" >"$work/tree/origin"
rm -rf "$key"
mv "$work/tree" "$key"
echo "$key"
