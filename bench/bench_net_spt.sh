#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2086 # commands with their arguments
#
# Frames through a tap, of the example device-usage/frames on unix and on spt, against a bare loop of
# system calls on the same tap: sent at full speed, and received while another process sends at full
# speed. Frames per second of the clock, and the processor's time for each, which other programs disturb
# less. In a network namespace of its own; needs root. The best of three.
set -eu
cd "$(dirname "$0")/.."

namespace=mirage-bench-$$
if ! ip netns add $namespace 2>/dev/null; then
    echo "not measured: making a network namespace needs root" >&2
    exit 0
fi
scratch=$(mktemp -d)
trap 'ip netns del $namespace; rm -rf "$scratch"' EXIT
within="ip netns exec $namespace"
$within sysctl -qw net.ipv6.conf.default.disable_ipv6=1
$within ip tuntap add tap0 mode tap
$within ip link set tap0 txqueuelen 1000 up

bench=$PWD/build/bench/bench_net
PATH=$PWD/build/bin:$PATH
cp -R examples/device-usage/frames "$scratch/frames"
cd "$scratch/frames"
rm -rf dist _build mirage
for target in unix spt; do
    mirage configure -t $target >/dev/null
    mirage build >/dev/null
done

frames=500000
unix=dist/frames
spt="solo5-spt --net:service=tap0 dist/frames.spt"
TIMEFORMAT="%U %S"

# Run a command: "PROCESSOR-NANOSECONDS FRAMES/S", the former for each frame.
timed() {
    { time $within "$@" >output; } 2>used
    awk -v frames=$frames 'FNR == NR { if (match($0, /[0-9]+ frames\/s/)) rate = substr($0, RSTART, RLENGTH - 9); next }
        { printf "%d %d\n", ($1 + $2) * 1e9 / frames, rate }' output used
}

send() {
    for _ in 1 2 3; do timed "$@"; done | sort -n | head -1
}

receive() {
    local filler
    for _ in 1 2 3; do
        # More than are to be received: what finds the queue full is lost.
        (sleep 0.3 && exec $within "$bench" fill $length $((frames * 100)) >filled) &
        filler=$!
        timed "$@"
        kill $filler
        wait $filler 2>/dev/null || true
    done | sort -n | head -1
}

report() { # DIRECTION TARGET "COST RATE" "COST RATE"
    awk -v d=$1 -v l=$length -v t=$2 -v r="$3 $4" 'BEGIN {
        split(r, v, " ")
        printf "%-4s %4d bytes  %-4s %8d frames/s  %5d ns of the processor, %5.2f times a bare loop (%d ns, %d frames/s)\n",
            d, l, t, v[2], v[1], v[1] / v[3], v[3], v[4] }'
}

for length in 60 1514; do
    peer=$(send "$bench" write $length $frames)
    report out unix "$(send $unix --mode=flood --size=$length --count=$frames)" "$peer"
    report out spt "$(send $spt --mode=flood --size=$length --count=$frames)" "$peer"
    peer=$(receive "$bench" read $length $frames)
    report in unix "$(receive $unix --mode=sink --count=$frames)" "$peer"
    report in spt "$(receive $spt --mode=sink --count=$frames)" "$peer"
done
