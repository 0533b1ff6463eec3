#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Block devices of a solo5-hvt, in the lab.

load common
load ../lab/hvt/lab

setup_file() {
    export PATH=$BATS_TEST_DIRNAME/../../build/bin:$PATH
    local root=$BATS_TEST_DIRNAME/../..
    for project in examples/device-usage/block examples/device-usage/disk-lottery test/e2e/partitions; do
        cp -R "$root/$project" "$BATS_FILE_TMPDIR/"
        (cd "$BATS_FILE_TMPDIR/${project##*/}" && mirage configure -t hvt >/dev/null && mirage build >/dev/null)
    done
    cd "$BATS_FILE_TMPDIR"
    truncate -s 8M gpt.img
    sgdisk -n 1:2048:4095 -c 1:boot -n 2:0:+1M -c 2:data gpt.img >/dev/null
    make_encrypted_disks
    write_checks
    lab_boot --program "$(command -v solo5-hvt)" --file block/dist/block_test.hvt \
        --file disk-lottery/dist/lottery.hvt --file partitions/dist/partitions.hvt --file gpt.img \
        --file xts.hvt --file ccm.hvt --file original.img --file xts-on-unix.img --file ccm-on-unix.img \
        --script checks.sh
}

# By the example on unix, in each format, with keys that the checks know; and the image for hvt.
make_encrypted_disks() {
    yes 'All that glisters is not gold.' | head -c 102400 >original.img
    for format in xts ccm; do
        cp -R "$BATS_TEST_DIRNAME/../../examples/device-usage/disk-encryption" $format
        (
            cd $format
            mirage configure -t unix --format=$format >/dev/null
            mirage build >/dev/null
            cp ../original.img plain.img
            truncate -s "$([ $format = xts ] && echo 102400 || echo 204800)" encrypted.img
            dist/disk-encryption --disk-key="$(key_of $format)" >/dev/null
            mirage configure -t hvt --format=$format >/dev/null
            mirage build >/dev/null
        )
        cp $format/encrypted.img $format-on-unix.img
        cp $format/dist/disk-encryption.hvt $format.hvt
    done
}

key_of() { # format
    local bytes=64
    [ "$1" = xts ] || bytes=32
    seq 100 $((99 + bytes)) | xargs printf '%02x' | head -c $((2 * bytes))
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
DISKS="--mem=16 --block:plain=plain.img --block:encrypted=encrypted.img"
export XTS="solo5-hvt \$DISKS xts.hvt --disk-key=$(key_of xts)"
export CCM="solo5-hvt \$DISKS ccm.hvt --disk-key=$(key_of ccm)"
END
    cat >>checks.sh <<'END'
check "a disk encrypted on unix is decrypted" '
    dd if=/dev/zero of=plain.img count=200 2>/dev/null
    cp xts-on-unix.img encrypted.img
    expect 0 $XTS --decrypt; says "Decrypted 200 sectors"
    cmp plain.img original.img'
check "a disk is encrypted as unix encrypts it" '
    cp original.img plain.img
    dd if=/dev/zero of=encrypted.img count=200 2>/dev/null
    expect 0 $XTS; says "Encrypted 200 sectors"
    cmp encrypted.img xts-on-unix.img'
check "a disk authenticated on unix is decrypted, and what was changed is not" '
    dd if=/dev/zero of=plain.img count=200 2>/dev/null
    cp ccm-on-unix.img encrypted.img
    expect 0 $CCM --decrypt; says "Decrypted 200 sectors"
    cmp plain.img original.img
    printf x | dd of=encrypted.img bs=1 seek=79448 conv=notrunc 2>/dev/null
    expect 1 $CCM --decrypt; says "sector 77 is not as it was written with this key"'
check "a disk is authenticated, and opens again" '
    cp original.img plain.img
    dd if=/dev/zero of=encrypted.img count=400 2>/dev/null
    expect 0 $CCM; says "Encrypted 200 sectors"
    dd if=/dev/zero of=plain.img count=200 2>/dev/null
    expect 0 $CCM --decrypt
    cmp plain.img original.img'
END
}

@test "block_test: ten tests, four expected errors" { lab_result; }
@test "the sector size of the tender is the sector size of the image" { lab_result; }
@test "a game is saved" { lab_result; }
@test "partitions that sgdisk made are found" { lab_result; }
@test "a disk encrypted on unix is decrypted" { lab_result; }
@test "a disk is encrypted as unix encrypts it" { lab_result; }
@test "a disk authenticated on unix is decrypted, and what was changed is not" { lab_result; }
@test "a disk is authenticated, and opens again" { lab_result; }
