#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Cross-compile the runtime with the virtual target for aarch64 and run it in an emulator.
# Prints TAP; without the tools, one skipped test and `SKIP: reason`.
set -eu
cd "$(dirname "$0")/../.."

for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
    if ! command -v "$tool" >/dev/null; then
        echo "SKIP: $tool is not installed"
        echo "ok 1 - aarch64 # SKIP $tool is not installed"
        echo "1..1"
        exit 0
    fi
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The core only: what an image adds does not depend on the architecture.
sources=(fiber runtime scope stack_init stack_pool timer timer_wheel wait_queue mutex condition
    channel bug log log_thresholds calendar console_line)
sources=("${sources[@]/#/runtime/}")
sources=("${sources[@]/%/.c}")
aarch64-linux-gnu-gcc -std=gnu11 -D_GNU_SOURCE -Iinclude -I. -O2 -g -Wall -Wextra -Werror -static \
    -o "$folder/test" "${sources[@]}" \
    runtime/switch_aarch64.S targets/virtual/virtual_target.c test/unit/aarch64_main.c
qemu-aarch64 "$folder/test"
