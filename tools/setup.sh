#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Install the Debian packages that building, testing or linting needs: `setup.sh build test lint`.
# Says what it will install, installs only what is missing, and uses sudo when not root. Then fetch
# the source archives that are built for images, so that building needs no network.
set -eu

build="gcc libc6-dev make binutils bzip2 libjansson-dev libssl-dev pkg-config"
test="libcmocka-dev bats python3 graphviz valgrind mandoc gdb clang libclang-rt-14-dev git
    tcpdump tshark arping iputils-ping zsh fish gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
    qemu-system-x86 busybox-static cpio iproute2 ethtool
    fdisk gdisk mtools dosfstools libarchive-tools file xz-utils openssl jq"
lint="clang-format clang-tidy cppcheck shellcheck"
bench="fio libnet1-dev"

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "setup: this is not Debian: install these packages, or what they are called here:" >&2
    # shellcheck disable=SC2086 # lists of words
    echo "   " $build $test $lint $bench >&2
    exit 1
fi

wanted=
peer=
for group in "$@"; do
    case $group in
    build) wanted="$wanted $build" ;;
    test)
        wanted="$wanted $test"
        peer=test/unit/littlefs_reference.lock
        ;;
    lint) wanted="$wanted $lint" ;;
    bench) wanted="$wanted $bench" ;;
    *)
        echo "setup: unknown group '$group': the groups are build, test, lint and bench" >&2
        exit 124
        ;;
    esac
done

missing=
for package in $wanted; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done

fetch_sources() {
    here=$(cd "$(dirname "$0")/.." && pwd)
    "$here/tools/fetch_source.sh" "$here/libc/musl.lock" "$here"/packages/*/source.lock >/dev/null
    # The test that needs it says so when it is missing.
    [ -z "$peer" ] || "$here/tools/fetch_source.sh" "$here/$peer" >/dev/null || true
}

if [ -z "$missing" ]; then
    fetch_sources
    exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "setup: not root and no sudo here: ask somebody who is root to run" >&2
        echo "    apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

echo "setup: installing with apt-get:$missing"
export DEBIAN_FRONTEND=noninteractive
# A new machine has no package lists yet.
first=${missing# }
if ! apt-cache show "${first%% *}" >/dev/null 2>&1; then
    $as_root apt-get update -q
fi
# shellcheck disable=SC2086 # a list of words
$as_root apt-get install -y -q --no-install-recommends $missing ||
    { $as_root apt-get update -q && $as_root apt-get install -y -q --no-install-recommends $missing; }
fetch_sources
