#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Images made by other compilers than this machine's gcc.

load common

cross_or_skip() {
    command -v aarch64-linux-gnu-gcc >/dev/null || skip "there is no aarch64-linux-gnu-gcc"
    command -v qemu-aarch64 >/dev/null || skip "there is no qemu-aarch64"
}

@test "clang makes a unix image" {
    new_project
    mirage configure -t unix --compiler=clang
    mirage build
    readelf -p .debug_str _build/unix/image.debug | grep -q 'clang version'
    run dist/hello
    [[ $output == *"INF [application]"* ]]
}

@test "clang makes an spt image, with no warning" {
    new_project
    mirage configure -t spt --compiler=clang
    run mirage build
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output != *warning* ]]
    readelf -p .debug_str _build/spt/image.debug | grep -q 'clang version'
    run solo5-spt dist/hello.spt
    [ "$status" -eq 0 ]
    [[ $output == *"INF [application]"*"solo5_exit(0) called"* ]]
}

@test "the compiler is kept when make configures again, and gcc when nothing is said" {
    new_project
    mirage configure -t unix --compiler=clang
    touch -d '+2 seconds' config.c
    mirage build --dry-run
    grep -q '^CC := clang' mirage/build.mk
    mirage configure -t unix
    grep -q '^CC := gcc' mirage/build.mk
}

@test "a compiler that is not there, or no name of one, is refused" {
    new_project
    fails_cleanly mirage configure -t unix --compiler=no-such-compiler
    [[ $output == *"there is no compiler 'no-such-compiler'"* ]]
    fails_cleanly mirage configure -t unix '--compiler=gcc; true'
    [[ $output == *"is no plain name of a compiler"* ]]
    fails_cleanly mirage configure -t unix --compiler=-v
}

@test "an spt image for aarch64 runs, in QEMU's user emulation" {
    cross_or_skip
    new_project
    mirage configure -t spt --compiler=aarch64-linux-gnu-gcc
    mirage build
    [[ $(readelf -h dist/hello.spt) == *AArch64* ]]
    run qemu-aarch64 "$ROOT/build/test/aarch64/solo5-spt" dist/hello.spt --hello="Hi"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"512 MB addressable"*"INF [application] Hi"*"solo5_exit(0) called"* ]]
}

@test "thread-local variables, floating point and a full heap on aarch64" {
    cross_or_skip
    cp -R "$BATS_TEST_DIRNAME/probe" probe
    cd probe
    mirage configure -t spt --compiler=aarch64-linux-gnu-gcc
    mirage build
    local tender=(qemu-aarch64 "$ROOT/build/test/aarch64/solo5-spt" --mem=16 dist/probe.spt)
    run "${tender[@]}" --act=tls --number=7
    [[ $output == *"tls 42 0 7"*"errno 1"* ]]
    run "${tender[@]}" --act=floats --number=2
    [[ $output == *"root 1.414214 third 0.333333333333333333 e 2.718e+00"* ]]
    run "${tender[@]}" --act=float-fibers
    [[ $output == *"sums 7.4854708606 7.4854708606 7.4854708606 7.4854708606"* ]]
    run "${tender[@]}" --act=heap
    [[ $output == *"heap whole again"* ]]
    run "${tender[@]}" --act=smash-stack --number=32
    [ "$status" -eq 255 ]
    [[ $output == *"Stack corruption detected"* ]]
}

@test "an image for aarch64 is refused by this machine's tender, and has no hvt" {
    cross_or_skip
    [ "$(uname -m)" != aarch64 ] || skip "this machine is one"
    new_project
    mirage configure -t spt --compiler=aarch64-linux-gnu-gcc
    mirage build
    run solo5-spt dist/hello.spt
    [ "$status" -eq 1 ]
    [[ $output == *"invalid executable"* ]]
    mirage configure -t hvt --compiler=aarch64-linux-gnu-gcc
    run mirage build
    [ "$status" -eq 1 ]
    [[ $output == *"no libraries of target hvt"* ]]
}

@test "a disk that was encrypted on this machine opens on aarch64" {
    cross_or_skip
    cp -R "$ROOT/examples/device-usage/disk-encryption" project
    cd project
    head -c 65536 /dev/urandom >original.img
    for cipher in xts ccm; do
        openssl rand -hex $([ $cipher = xts ] && echo 64 || echo 32) >key
        mirage image encrypt --cipher=$cipher -k key original.img encrypted.img
        truncate -s 65536 plain.img
        mirage configure -t spt --compiler=aarch64-linux-gnu-gcc --format=$cipher
        mirage build
        qemu-aarch64 "$ROOT/build/test/aarch64/solo5-spt" --mem=16 --block:plain=plain.img \
            --block:encrypted=encrypted.img dist/disk-encryption.spt --disk-key="$(cat key)" --decrypt
        cmp plain.img original.img
    done
}
