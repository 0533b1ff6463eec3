#!/bin/bash
# SPDX-License-Identifier: ISC
#
# solo5-spt and the probe image, both for aarch64, run by QEMU: the loader, boot information, entry,
# devices, sleeping and the end. QEMU's emulation of programs has no seccomp, so the tender as it is
# must refuse to run there, and the rest is tried with one that is linked without the filter.
set -u
cd "$(dirname "$0")/../.." || exit 1

cross=aarch64-linux-gnu-gcc
number=0
status=0

result() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        while IFS= read -r line; do echo "# $line"; done <<<"$3"
        status=1
    fi
}

# Run a command; its output must contain $2 and its status be $3.
check() {
    local name=$1 wanted=$2 code=$3 output
    shift 3
    output=$("$@" 2>&1)
    code_seen=$?
    [ "$code_seen" -eq "$code" ] && [[ $output == *"$wanted"* ]]
    result $? "$name" "status $code_seen: $output"
}

if ! command -v "$cross" >/dev/null || ! command -v qemu-aarch64 >/dev/null; then
    echo "ok 1 - solo5-spt on aarch64 # SKIP gcc-aarch64-linux-gnu or qemu-user is not installed"
    echo "1..1"
    exit 0
fi
if [ "$(cat /proc/sys/vm/mmap_min_addr)" -gt 65536 ]; then
    echo "ok 1 - solo5-spt on aarch64 # SKIP vm.mmap_min_addr is above 65536"
    echo "1..1"
    exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags=(-std=gnu11 -D_GNU_SOURCE -Iinclude -I. -O2 -Wall -Wextra -Wconversion -Werror -fPIE
    '-DMIRAGE_VERSION="test"')
shared=(tenders/{report,elf,manifest,options,devices,launch,spt}/*.c tenders/seccomp/filter.c
    tenders/spt/start_aarch64.S)

build() {
    "$cross" "${flags[@]}" -static-pie -o "$folder/tender" "${shared[@]}" \
        tenders/seccomp/install.c &&
        "$cross" "${flags[@]}" -static-pie -o "$folder/unfiltered" "${shared[@]}" \
            test/images/aarch64_no_filter.c &&
        for name in none block; do
            build/bin/solo5-elftool gen-manifest "test/images/$name.json" "$folder/$name.c" &&
                "$cross" -std=gnu11 -O1 -Wall -Wextra -Werror -ffreestanding -fno-pic \
                    -fno-stack-protector -fno-asynchronous-unwind-tables -mgeneral-regs-only \
                    -static -nostdlib -no-pie -Wl,-z,max-page-size=0x1000 \
                    -Wl,-z,noexecstack -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
                    -Wl,-T,test/images/image.ld -o "$folder/probe_$name.spt" \
                    test/images/spt/probe.c test/images/spt/notes.S "$folder/$name.c" || return
        done
}
make -s build/bin/solo5-elftool
output=$(build 2>&1)
result $? "the tender and the probe build for aarch64 without warnings" "$output"

# shellcheck disable=SC2317 # called through check
tender() {
    qemu-aarch64 "$folder/unfiltered" "$@"
}
none=$folder/probe_none.spt
truncate -s 65536 "$folder/disk.img"

check "without seccomp the tender refuses to run" "Could not install the filter of system calls" 1 \
    qemu-aarch64 "$folder/tender" "$none" hello
check "hello" "Hello, World" 0 tender "$none" hello
check "boot information, stack aligned to 16" \
    "boot=69632 memory=4194304 stack=4194288 end=" 0 tender --mem=4 "$none" boot
check "empty registers" "" 0 tender "$none" registers
check "the exit status" "" 42 tender "$none" exit 42
check "the timer and the clocks" "slept" 0 tender "$none" sleep
check "a block device" "blocks ok" 0 \
    tender --block:disk="$folder/disk.img" "$folder/probe_block.spt" blocks
check "code cannot be written" "" 139 bash -c '"$@"; exit $?' - \
    qemu-aarch64 "$folder/unfiltered" "$none" write-code
check "page zero cannot be touched" "" 139 bash -c '"$@"; exit $?' - \
    qemu-aarch64 "$folder/unfiltered" "$none" page-zero
test/images/edit.py "$none" "$folder/edited" e_machine=62
check "images for x86-64 are refused" "built for another processor" 1 tender "$folder/edited"
echo "1..$number"
exit "$status"
