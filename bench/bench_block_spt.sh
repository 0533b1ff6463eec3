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

# fio KIND SIZE: nanoseconds for each; the 8th field is the rate of reads, the 49th of writes.
fio_each() {
    local field=8
    [[ $1 == *write ]] && field=49
    fio --name=b --filename=disk.img --size=256m --bs="$2" --rw="$1" --ioengine=psync --invalidate=0 \
        --norandommap --gtod_reduce=1 --overwrite=1 --fallocate=none --time_based --runtime=1 \
        --output-format=terse --terse-version=3 | cut -d';' -f$field |
        awk -v kind="$1" '{ printf "fio-%s %d\n", kind, 1e9 / $1 }'
}

# The best of three rounds, ours and fio's in turn: what is slower was disturbed.
command -v fio >/dev/null || echo "fio is not installed: tools/setup.sh bench"
for size in 512 4096 32768; do
    for _ in 1 2 3; do
        "$root/bin/solo5-spt" --mem=16 "--block-sector-size:storage=$size" --block:storage=disk.img dist/bench.spt |
            sed -n 's/.*result \([a-z]*\) \([0-9]*\)$/\1 \2/p'
        if command -v fio >/dev/null; then
            for kind in read randread write randwrite; do fio_each "$kind" "$size"; done
        fi
    done | awk -v size="$size" '
        !($1 in best) || $2 < best[$1] { best[$1] = $2 }
        END {
            count = split("read randread write randwrite", kinds, " ")
            for (i = 1; i <= count; i++) {
                kind = kinds[i]
                printf "spt %-9s %5d B  %5d ns  %6.0f MB/s", kind, size, best[kind], size * 1000 / best[kind]
                if (("fio-" kind) in best)
                    printf "   %5.2f of fio psync (%d ns)", best["fio-" kind] / best[kind], best["fio-" kind]
                printf "\n"
            }
        }'
done
