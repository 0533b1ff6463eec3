#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Key/value stores of a solo5-hvt, in the lab: images that `mirage image` made, attached to the examples that
# read stores and to a counter of its own starts.

load common
load counter
load ../lab/hvt/lab

setup_file() {
    export PATH=$BATS_TEST_DIRNAME/../../build/bin:$PATH
    local examples=$BATS_TEST_DIRNAME/../../examples/device-usage files=() store
    cd "$BATS_FILE_TMPDIR"
    cp -R "$examples/kv_ro" "$examples/kv_ro_2014" "$examples/boot-counter" .
    for store in crunch fat archive; do
        build_image kv_ro "secret_$store" --kv_ro=$store
    done
    for store in crunch fat; do
        FS=$store build_image kv_ro_2014 "same_$store"
    done
    mirage image make --format=fat kv_ro/t secret.img
    mirage image make --format=tar kv_ro/t secret.tar
    mirage image make --format=fat kv_ro_2014/t same.img
    echo "something else" >kv_ro/t/secret
    mirage image make --format=fat kv_ro/t changed.img
    build_image boot-counter boots
    mv boot-counter/disk.img boots.img
    mkdir empty
    for store in fat_rw littlefs tar_kv_rw; do
        mkdir "$store"
        (cd "$store" && counter $store)
        build_image "$store" "count_$store"
    done
    mirage image make --format=fat --size=1MiB empty count_fat_rw.img
    mirage image make --format=littlefs --size=1MiB empty count_littlefs.img
    mirage image make --format=tar --size=1MiB empty count_tar_kv_rw.img
    write_checks
    for store in *.hvt *.img *.tar; do files+=(--file "$store"); done
    lab_boot --program "$(command -v solo5-hvt)" "${files[@]}" --script checks.sh
}

# PROJECT NAME [OPTION…]: build the project for hvt, and keep its image as NAME.hvt.
build_image() {
    (cd "$1" && mirage configure -t hvt "${@:3}" >/dev/null && mirage build >/dev/null)
    cp "$1"/dist/*.hvt "$2.hvt"
}

write_checks() {
    cat >checks.sh <<'END'
export store confirmed="INF \[application\] Contents of extremely secret vital storage confirmed!"
check "kv_ro gets its secret from crunch" '
    expect 0 solo5-hvt --mem=8 secret_crunch.hvt
    grep -q "$confirmed" $LAB_OUTPUT'
check "kv_ro gets its secret from a FAT image" '
    expect 0 solo5-hvt --mem=8 --block:fat1=secret.img secret_fat.hvt
    grep -q "$confirmed" $LAB_OUTPUT'
check "kv_ro gets its secret from an archive" '
    expect 0 solo5-hvt --mem=8 --block:archive1=secret.tar secret_archive.hvt
    grep -q "$confirmed" $LAB_OUTPUT'
check "kv_ro sees another secret in another image" '
    expect 1 solo5-hvt --mem=8 --block:fat1=changed.img secret_fat.hvt
    grep -q "WRN \[application\] The secret is 15 bytes of something else\." $LAB_OUTPUT'
check "kv_ro does not start without its device" '
    expect 1 solo5-hvt --mem=8 secret_fat.hvt
    expect 1 solo5-hvt --mem=8 secret_archive.hvt'
check "kv_ro of 2014 compares files of crunch and of FAT" '
    expect 0 solo5-hvt --mem=8 same_crunch.hvt; says YES
    expect 0 solo5-hvt --mem=8 --block:fat1=same.img same_fat.hvt; says YES'
check "the example boot-counter remembers its starts" '
    for start in 1 2 3; do
        expect 0 solo5-hvt --mem=8 --block:disk=boots.img boots.hvt; says "This is boot number $start."
    done'
for store in fat_rw littlefs tar_kv_rw; do
    check "a counter in $store remembers its starts" '
        for start in 1 2 3; do
            expect 0 solo5-hvt --mem=8 --block:disk=count_$store.img count_$store.hvt
            grep -q "^$start\$" $LAB_OUTPUT
        done'
done
END
}

@test "kv_ro gets its secret from crunch" { lab_result; }
@test "kv_ro gets its secret from a FAT image" { lab_result; }
@test "kv_ro gets its secret from an archive" { lab_result; }
@test "kv_ro sees another secret in another image" { lab_result; }
@test "kv_ro does not start without its device" { lab_result; }
@test "kv_ro of 2014 compares files of crunch and of FAT" { lab_result; }
@test "a counter in fat_rw remembers its starts" { lab_result; }
@test "a counter in littlefs remembers its starts" { lab_result; }
@test "a counter in tar_kv_rw remembers its starts" { lab_result; }
@test "the example boot-counter remembers its starts" { lab_result; }
@test "no check of the lab is lost" { lab_checks_all_asked; }
