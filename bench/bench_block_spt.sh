#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Reads and writes of a block device on spt, one sector of 512 B, 4 KiB and 32 KiB each, against fio's
# psync engine with blocks of that size on the same file in the same run.
set -eu
cd "$(dirname "$0")/.."

root=$PWD/build
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp bench/block_spt/*.c "$scratch"
cd "$scratch"
"$root/bin/mirage" configure -t spt >/dev/null
"$root/bin/mirage" build >/dev/null 2>&1
head -c 256M /dev/zero >disk.img

# fio KIND SIZE: operations per second; the 8th field is of reads, the 49th of writes.
fio_rate() {
    local field=8
    [[ $1 == *write ]] && field=49
    for _ in 1 2 3; do
        fio --name=b --filename=disk.img --size=256m --bs="$2" --rw="$1" --ioengine=psync --invalidate=0 \
            --norandommap --gtod_reduce=1 --overwrite=1 --fallocate=none --time_based --runtime=1 \
            --output-format=terse --terse-version=3 | cut -d';' -f$field
    done | sort -n | tail -1
}

command -v fio >/dev/null || echo "fio is not installed: tools/setup.sh bench"
for size in 512 4096 32768; do
    "$root/bin/solo5-spt" --mem=16 "--block-sector-size:storage=$size" --block:storage=disk.img dist/bench.spt |
        sed -n 's/.*result \([a-z]*\) \([0-9]*\)$/\1 \2/p' >results
    while read -r kind each; do
        rate=0
        command -v fio >/dev/null && rate=$(fio_rate "$kind" "$size")
        awk -v kind="$kind" -v size="$size" -v each="$each" -v rate="$rate" 'BEGIN {
            printf "spt %-9s %5d B  %5d ns  %6.0f MB/s", kind, size, each, size * 1000 / each
            if (rate > 0)
                printf "   %5.2f of fio psync (%d ns)", 1e9 / each / rate, 1e9 / rate
            printf "\n" }'
    done <results
done
