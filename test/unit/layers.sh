#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Dependencies point one way. Each folder's files may include the public headers and the private
# ones of the folders named here; anything else is a layer reached round.
set -u
cd "$(dirname "$0")/../.." || exit 1

# folder: the folders whose private headers it may include
layers='
arguments: arguments
runtime: runtime
storage/block: storage/block
storage/kv: storage/kv
storage/tar: storage/tar storage/kv
storage/fat: storage/fat storage/kv
storage/littlefs: storage/littlefs storage/kv storage/block/crc32.h
net: net abi
net/device: net/device net abi
net/packet: net/packet
mplc: mplc
targets/unix: targets/unix runtime/fiber_fault.h net/virtio_header.h abi
targets/virtual: targets/virtual
abi: abi
targets/bare: targets/bare runtime/fiber_fault.h runtime/drbg.h runtime/bug.h
targets/x86_64: targets/x86_64 targets/bare runtime/fiber_fault.h abi
targets/solo5: targets/solo5 targets/bare abi
targets/hvt: targets/hvt targets/solo5 targets/bare targets/x86_64 abi
targets/spt: targets/spt targets/solo5 targets/bare abi
tenders/report: tenders/report
tenders/elf: tenders/elf tenders/report abi
tenders/manifest: tenders/manifest tenders/elf tenders/report abi
tenders/options: tenders/options tenders/report
tenders/devices: tenders/devices tenders/options tenders/manifest tenders/elf tenders/report abi
tenders/seccomp: tenders/seccomp tenders/report
tenders/launch: tenders/launch tenders/devices tenders/options tenders/manifest tenders/elf tenders/report abi
tenders/spt: tenders abi
tenders/hvt: tenders abi
tenders/elftool: tenders abi
config: config
engine: engine
cli: cli engine storage
'

number=0
status=0
while IFS=: read -r folder allowed; do
    [ -n "$folder" ] || continue
    number=$((number + 1))
    bad=$(grep -HEo '^#include "[^"]+"' "$folder"/*.[ch] 2>/dev/null | while IFS= read -r hit; do
        included=${hit#*\"}
        included=${included%\"}
        [ -e "$folder/$included" ] && continue
        for path in $allowed; do
            case $included in "$path" | "$path"/*) continue 2 ;; esac
        done
        echo "$hit"
    done)
    # Public headers must not reach into private ones at all, nor libraries into the tool.
    if [ -z "$bad" ]; then
        echo "ok $number - $folder includes only what lies below it"
    else
        echo "not ok $number - $folder includes only what lies below it"
        while IFS= read -r line; do echo "# $line"; done <<<"$bad"
        status=1
    fi
done <<<"$layers"

number=$((number + 1))
if bad=$(grep -n '#include "' include/mirage/*.h); then
    echo "not ok $number - public headers include only public ones"
    while IFS= read -r line; do echo "# $line"; done <<<"$bad"
    status=1
else
    echo "ok $number - public headers include only public ones"
fi

number=$((number + 1))
if bad=$(grep -nE '^(static )?[a-z_ ]*\b(int|unsigned|bool|size_t|char|struct [a-z_]+) \**[a-z_]+(\[[^]]*\])?( = [^;]*)?;' \
    arguments/*.c runtime/*.c net/*.c net/*/*.c storage/*/*.c | grep -vE 'const |typedef'); then
    echo "not ok $number - libraries of images have no mutable globals"
    while IFS= read -r line; do echo "# $line"; done <<<"$bad"
    status=1
else
    echo "ok $number - libraries of images have no mutable globals"
fi
echo "1..$number"
exit "$status"
