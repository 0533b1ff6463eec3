#!/bin/sh
# SPDX-License-Identifier: ISC
#
# mir-unix-direct, mir-unix-socket and mir-xen: the build commands of 2011 over `mirage`.
# Installed under these three names; each takes NAME.bin or NAME.xen and leaves _build/NAME.bin.
set -eu

wrapper=$(basename "$0")
if [ $# -ne 1 ]; then
    echo "$wrapper: name one result, such as sleep.bin" >&2
    exit 124
fi

case $wrapper in
mir-unix-direct) target=unix net=direct ;;
mir-unix-socket) target=unix net=socket ;;
mir-xen) target=xen net=direct ;;
*)
    echo "$wrapper: call this script by one of its names, such as mir-unix-direct" >&2
    exit 125
    ;;
esac

mirage=$(dirname "$0")/mirage
name=${1##*/}
stem=${name%.*}

# Only a configuration with a network stack has the key.
set -- configure --quiet -t "$target" -o "$stem"
if [ "$target" = unix ] && "$mirage" query -t "$target" keys | grep -q '^net\b'; then
    set -- "$@" "--net=$net"
fi
"$mirage" "$@"
"$mirage" build
mkdir -p _build
case $target in
unix) cp "dist/$stem" "_build/$stem.bin" ;;
*) cp "dist/$stem.$target" "_build/$stem.$target" ;;
esac
