#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Block devices of a solo5-hvt, in the lab.

load common
load ../lab/hvt/lab

setup_file() {
    export PATH=$BATS_TEST_DIRNAME/../../build/bin:$PATH
    local root=$BATS_TEST_DIRNAME/../..
    for project in examples/device-usage/block examples/device-usage/disk-lottery test/e2e/partitions \
        examples/device-usage/disk-encryption; do
        cp -R "$root/$project" "$BATS_FILE_TMPDIR/"
        (cd "$BATS_FILE_TMPDIR/${project##*/}" && mirage configure -t hvt >/dev/null && mirage build >/dev/null)
    done
    cd "$BATS_FILE_TMPDIR"
    truncate -s 8M gpt.img
    sgdisk -n 1:2048:4095 -c 1:boot -n 2:0:+1M -c 2:data gpt.img >/dev/null
    make_encrypted_disk
    write_checks
    lab_boot --program "$(command -v solo5-hvt)" --file block/dist/block_test.hvt \
        --file disk-lottery/dist/lottery.hvt --file partitions/dist/partitions.hvt --file gpt.img \
        --file disk-encryption/dist/disk-encryption.hvt --file original.img --file encrypted-on-unix.img \
        --script checks.sh
}

# By the example on unix, with a key that the checks know.
make_encrypted_disk() {
    cp -R "$BATS_TEST_DIRNAME/../../examples/device-usage/disk-encryption" encrypt
    (
        cd encrypt
        mirage configure -t unix >/dev/null
        mirage build >/dev/null
        yes 'All that glisters is not gold.' | head -c 102400 >plain.img
        truncate -s 102400 encrypted.img
        dist/disk-encryption --disk-key="$(key_of_checks)" >/dev/null
    )
    cp encrypt/plain.img original.img
    cp encrypt/encrypted.img encrypted-on-unix.img
}

key_of_checks() {
    seq 100 163 | xargs printf '%02x' | head -c 128
}

write_checks() {
    cat >checks.sh <<'END'
check "block_test: ten tests, four expected errors" '
    dd if=/dev/zero of=disk.img count=100000 2>/dev/null
    expect 0 solo5-hvt --mem=8 --block:storage=disk.img block_test.hvt
    says "sectors = 100000"; says "sector_size=512"; says "Total tests passed:  10"
    test "$(grep -c "Expecting error output" $LAB_OUTPUT)" -eq 4
    grep -q "quick brown fox" disk.img'
check "the sector size of the tender is the sector size of the image" '
    dd if=/dev/zero of=small.img bs=4096 count=20 2>/dev/null
    expect 0 solo5-hvt --mem=8 --block-sector-size:storage=4096 --block:storage=small.img block_test.hvt
    says "sectors = 20"; says "sector_size=4096"; says "Total tests passed:  10"'
check "a game is saved" '
    dd if=/dev/zero of=lottery.img count=8 2>/dev/null
    expect 0 solo5-hvt --mem=8 --block:storage=lottery.img lottery.hvt --reset-all; says "All 8 game slots reset."
    expect 0 solo5-hvt --mem=8 --block:storage=lottery.img lottery.hvt --slot=3
    says "YOU WON! You beat the old high score 0 with "
    score=$(sed -n "s/.* with \([0-9]*\)!.*/\1/p" $LAB_OUTPUT)
    expect 0 solo5-hvt --mem=8 --block:storage=lottery.img lottery.hvt --slot=3; says "high score $score"'
check "partitions that sgdisk made are found" '
    expect 0 solo5-hvt --mem=8 --block:storage=gpt.img partitions.hvt
    says "1: 2048+2048 '\''boot'\''"; says "2: 4096+2048 '\''data'\''"
    test "$(dd if=gpt.img skip=4096 count=1 2>/dev/null | head -c 25)" = "the partition called data"'
END
    cat >>checks.sh <<END
export ENCRYPTION="solo5-hvt --mem=16 --block:plain=plain.img --block:encrypted=encrypted.img \\
    disk-encryption.hvt --disk-key=$(key_of_checks)"
END
    cat >>checks.sh <<'END'
check "a disk encrypted on unix is decrypted" '
    dd if=/dev/zero of=plain.img count=200 2>/dev/null
    cp encrypted-on-unix.img encrypted.img
    expect 0 $ENCRYPTION --decrypt; says "Decrypted 200 sectors"
    cmp plain.img original.img'
check "a disk is encrypted as unix encrypts it" '
    cp original.img plain.img
    dd if=/dev/zero of=encrypted.img count=200 2>/dev/null
    expect 0 $ENCRYPTION; says "Encrypted 200 sectors"
    cmp encrypted.img encrypted-on-unix.img'
END
}

@test "block_test: ten tests, four expected errors" { lab_result; }
@test "the sector size of the tender is the sector size of the image" { lab_result; }
@test "a game is saved" { lab_result; }
@test "partitions that sgdisk made are found" { lab_result; }
@test "a disk encrypted on unix is decrypted" { lab_result; }
@test "a disk is encrypted as unix encrypts it" { lab_result; }
