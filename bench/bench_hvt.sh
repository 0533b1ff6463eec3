#!/bin/bash
# SPDX-License-Identifier: ISC
#
# What a start and a hypercall cost under solo5-hvt: on this machine's KVM, if there is one, and in the
# lab of test/lab/hvt, where all is emulated and only ratios count. Images are those of the tests.
set -eu
cd "$(dirname "$0")/.."

rounds=100
tender=build/bin/solo5-hvt
images=build/test/images

# Microseconds of one run.
once() {
    local begin=$EPOCHREALTIME
    "$@" >/dev/null
    local end=$EPOCHREALTIME
    echo $((${end/[.,]/} - ${begin/[.,]/}))
}

median() {
    sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

on_this_machine() {
    local hello empty call
    for ((i = 0; i < rounds; i++)); do
        once "$tender" "$images/probe.hvt" hello >>"$scratch/hello"
        once /bin/true >>"$scratch/empty"
    done
    hello=$(median <"$scratch/hello")
    empty=$(median <"$scratch/empty")
    awk -v a="$hello" -v b="$empty" 'BEGIN {
        printf "here: hello, fork to exit       %7.2f ms   ratio to /bin/true %.2f\n", a / 1000, a / b }'
    call=$("$tender" "$images/probe.hvt" calls=20000 | sed -n 's/^ns per call //p')
    echo "here: hypercall                 $call ns"
    "$tender" "$images/probe.hvt" sleep=1000 >"$scratch/sleep" &
    sleep 0.5
    awk '/^VmRSS/ { printf "here: resident while it sleeps  %.2f MiB\n", $2 / 1024 }' "/proc/$!/status"
    wait
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
    echo "this machine's KVM; does it run SSE: $(test/lab/hvt/probe || true)"
    on_this_machine
else
    echo "here: no access to /dev/kvm"
fi
test/lab/hvt/run.sh --program "$tender" --file "$images/probe.hvt" --file "$images/devices.hvt" \
    --script bench/hvt/lab.sh | sed -n 's/^# /lab: /p'
