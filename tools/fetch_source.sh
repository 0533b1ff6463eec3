#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Fetch the Debian source archives that a lock file names and print where each one lies:
#
#     tools/fetch_source.sh libc/musl.lock
#
# A line of a lock file is "SHA-256 BYTES PATH", the path below a Debian mirror's root. Archives are
# kept in ${XDG_CACHE_HOME:-~/.cache}/mirage/sources, named by their hash, and never fetched twice.
# Transport is apt's own (proxies and certificates as the machine has them); its package lists are
# neither read nor changed, so this needs no root and no deb-src line. Mirrors are those that the
# machine's own apt sources name, then deb.debian.org; or $MIRAGE_DEBIAN_MIRROR alone, if it is set.
set -eu

HELPER=/usr/lib/apt/apt-helper
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mirage/sources

say() {
    echo "fetch_source: $*" >&2
}

intact() { # file hash
    [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status
}

mirrors() {
    if [ -n "${MIRAGE_DEBIAN_MIRROR:-}" ]; then
        echo "$MIRAGE_DEBIAN_MIRROR"
        return
    fi
    # The mirror that has the release itself, not those for security or of other vendors.
    # shellcheck disable=SC1091 # describes the running system
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
    # shellcheck disable=SC2016 # apt substitutes these
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 2>/dev/null |
        awk -v release="$codename" '($2 == release || $2 == "stable") && $3 == "main" && !seen[$1]++ { print $1 }'
    echo http://deb.debian.org/debian
}

by_hand() { # path hash
    say "to go without a network, put $1"
    say "(SHA-256 $2) at"
    say "    $cache/$2"
}

fetch() { # hash bytes path
    hash=$1 bytes=$2 path=$3
    if ! [ -x "$HELPER" ]; then
        say "no $HELPER here: apt is needed to fetch $path"
        by_hand "$path" "$hash"
        return 1
    fi
    new=$(mktemp -d "$cache/new.XXXXXX")
    for mirror in $(mirrors | sed 's,/*$,,' | awk '!seen[$0]++'); do
        say "fetching $mirror/$path"
        # The folder is ours alone, so apt must not change to its own user to write there.
        if "$HELPER" -q -o APT::Sandbox::User=root download-file "$mirror/$path" "$new/file" "SHA256:$hash" \
            >"$new/log" 2>&1; then
            size=$(wc -c <"$new/file")
            if [ "$size" -eq "$bytes" ] && intact "$new/file" "$hash"; then
                cp -L "$new/file" "$new/copy" # apt links to what a file: mirror has
                mv "$new/copy" "$cache/$hash"
                rm -rf "$new"
                return 0
            fi
            echo "E: its size or SHA-256 differs from the lock file's" >"$new/log"
        fi
        sed -n 's/^E: /fetch_source:     /p' "$new/log" >&2
    done
    rm -rf "$new"
    say "cannot fetch $path from any mirror"
    by_hand "$path" "$hash"
    return 1
}

[ $# -gt 0 ] || {
    say "usage: fetch_source.sh LOCKFILE..."
    exit 124
}
mkdir -p "$cache"
for lock in "$@"; do
    while read -r hash bytes path; do
        case $hash in '#'* | '') continue ;; esac
        intact "$cache/$hash" "$hash" || fetch "$hash" "$bytes" "$path"
        echo "$cache/$hash"
    done <"$lock"
done
