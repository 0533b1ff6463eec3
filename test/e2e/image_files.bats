#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# mirage image and the stores behind it, with programs that nobody here wrote: mtools, fsck.fat, GNU tar,
# bsdtar.

load common

need() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# Files of many sizes in folders, under names of many kinds that every format can have.
make_files() {
    mkdir -p "files/deep/er/still" "files/Mixed Case"
    for size in 0 1 511 512 513 2047 2048 2049 100000; do
        head -c $size /dev/urandom >"files/deep/size$size.bin"
    done
    echo short >files/SHORT.TXT
    echo small >files/small.txt
    echo dots >"files/two.dots.here"
    echo long >"files/Mixed Case/a name that is much longer than eight and three characters.text"
    echo accents >"files/deep/er/$(printf '\303\251t\303\251 \303\240')"
    for i in $(seq 1 60); do echo "$i" >"files/deep/er/still/a long name, number $i"; done
}

# All files of an image, read by us, compared with the folder.
same_as_files() {
    mirage image list "$1" | cut -c15- | LC_ALL=C sort >listed
    (cd files && find . -type f | cut -c3- | LC_ALL=C sort) >there
    diff there listed
    while IFS= read -r path; do
        mirage image read "$1" "$path" | cmp - "files/$path"
    done <there
}

@test "mtools and fsck.fat agree with our FAT images of every type" {
    need mcopy
    need fsck.fat
    make_files
    mirage image make files fat12.img
    mirage image make --size=20MiB files fat16.img
    mirage image make --size=300MiB files fat16b.img
    mirage image make --size=5GiB files fat32.img
    for image in fat12 fat16 fat16b fat32; do
        run fsck.fat -n -v $image.img
        echo "$output"
        [ "$status" -eq 0 ]
        rm -rf out
        mkdir out
        mcopy -i $image.img -s -n ::/ out
        diff -r files out
        same_as_files $image.img
        mirage image check $image.img
    done
    file fat12.img | grep -q 'FAT (12 bit)'
    fsck.fat -n -v fat32.img | grep -q '32 bit entries'
}

@test "an image of fat_of_files is the tutorial's" {
    need fsck.fat
    mkdir files
    echo foo >files/foo
    echo bar >files/bar
    mirage image make --without-label files fat1.img
    run file fat1.img
    [[ $output == *'code offset 0'*'OEM-ID "ocamlfat", sectors/cluster 4, FAT  1, root entries 512, Media descriptor 0xf8, sectors/FAT 1,'*'(volumes > 32 MB)'*'dos < 4.0 BootSector (0)'* ]]
    # There is no label, and fsck.fat has nothing else to say.
    run fsck.fat -n fat1.img
    [ "$(grep -vc -e '^fsck' -e 'abel' -e '^$' -e 'Leaving' <<<"$output")" -eq 1 ]
    [[ $output == *"2 files, 2/2 clusters"* ]]
}

@test "we read what mtools and mkfs.fat made, with deleted and fragmented files" {
    need mcopy
    need mkfs.fat
    make_files
    for kind in 12 16 32; do
        size=$((kind == 12 ? 4 : kind == 16 ? 40 : 300))
        rm -f m.img
        truncate -s ${size}M m.img
        mkfs.fat -F $kind -n LABEL m.img >/dev/null
        # Holes first, so that later files are in pieces.
        for i in 1 2 3 4 5 6; do
            head -c 30000 /dev/zero >filler
            mcopy -i m.img filler "::/filler number $i"
        done
        for i in 1 3 5; do mdel -i m.img "::/filler number $i"; done
        mcopy -i m.img -s files/* ::/
        for i in 2 4 6; do mdel -i m.img "::/filler number $i"; done
        mirage image check m.img
        same_as_files m.img
    done
}

@test "GNU tar and bsdtar read our archives" {
    need bsdtar
    make_files
    mkdir -p "files/$(printf 'd%.0s' $(seq 1 120))"
    echo pax >"files/$(printf 'd%.0s' $(seq 1 120))/$(printf 'f%.0s' $(seq 1 120))"
    mirage image make -f tar files ours.tar
    for program in tar bsdtar; do
        rm -rf out
        mkdir out
        $program -xf ours.tar -C out
        diff -r files out
    done
    same_as_files ours.tar
}

@test "we read the archives of GNU tar and bsdtar in all their formats" {
    need bsdtar
    make_files
    echo pax >"files/$(printf 'f%.0s' $(seq 1 200))"
    for format in gnu oldgnu pax posix; do
        tar --format=$format -cf t.tar -C files .
        same_as_files t.tar
    done
    for format in pax gnutar; do
        bsdtar --format=$format -cf b.tar -C files .
        same_as_files b.tar
    done
    rm files/ffff*
    for format in ustar v7; do
        tar --format=$format -cf t.tar -C files deep/size2049.bin SHORT.TXT 'Mixed Case'
        mirage image read t.tar deep/size2049.bin | cmp - files/deep/size2049.bin
    done
}

@test "links in archives are followed, sparse files are refused, damage is noticed" {
    mkdir files
    echo one >files/one
    ln files/one files/hard
    ln -s one files/soft
    ln -s /etc/passwd files/out
    tar -cf links.tar -C files .
    [ "$(mirage image read links.tar hard)" = one ]
    [ "$(mirage image read links.tar soft)" = one ]
    run mirage image check links.tar
    [ "$status" -eq 0 ]
    [[ $output == *"out: a link that leads out of the archive"* ]]
    truncate -s 1M sparse
    echo end >>sparse
    for format in gnu pax; do
        tar --format=$format -Scf sparse.tar sparse
        run mirage image check sparse.tar
        [ "$status" -eq 1 ]
        [[ $output == *"sparse: a sparse file: make the archive without --sparse"* ]]
    done
    head -c 5000 /dev/urandom >files/big
    tar -b1 -cf whole.tar -C files big
    size=$(stat -c %s whole.tar)
    for cut in $((size - 1024)) $((size - 1536)) 1024; do
        head -c "$cut" whole.tar >cut.tar
        run mirage image check cut.tar
        echo "$cut: $output"
        [ "$status" -eq 1 ]
        [[ $output == *"cut off"* ]]
    done
    printf 'X' | dd of=whole.tar bs=1 seek=10 conv=notrunc status=none
    run mirage image check whole.tar
    [ "$status" -eq 1 ]
}

@test "an image is the same whenever its files were written, and has their times if asked" {
    mkdir files
    echo one >files/one
    for format in fat tar; do
        touch -d '2001-02-03 04:05:06 UTC' files/one
        mirage image make -f $format files first
        mirage image make -f $format --times files timed
        touch files/one
        mirage image make -f $format files second
        cmp first second
        ! cmp -s first timed || false
    done
    TZ=UTC tar -tvf timed | grep '2001-02-03 04:05 one'
}

@test "littlefs images hold what the folder does" {
    make_files
    mkdir files/many
    for i in $(seq 1 300); do echo "$i" >"files/many/number $i"; done
    mirage image make -f littlefs files l.img
    [ "$(head -c 16 l.img | tail -c 8)" = littlefs ]
    mirage image check l.img
    same_as_files l.img
    mirage image make -f littlefs --size=16MiB files l.img
    [ "$(stat -c %s l.img)" -eq 16777216 ]
    same_as_files l.img
    # Both blocks of the superblock.
    tr '\0' U </dev/zero | head -c 8192 | dd of=l.img conv=notrunc status=none
    run mirage image check l.img
    [ "$status" -eq 1 ]
}

@test "what is wrong is said" {
    mkdir files
    head -c 100000 /dev/zero >files/large
    fails_cleanly mirage image make --size=64KiB files x.img
    [[ $output == *"do not fit into 65536 bytes"* ]]
    : >files/'what?'
    fails_cleanly mirage image make files x.img
    [[ $output == *"what?"*"cannot have such a name"* ]]
    fails_cleanly mirage image list nothing.img
    [[ $output == *"nothing.img: No such file"* ]]
    head -c 10000 /dev/urandom >noise
    run mirage image check noise
    [ "$status" -eq 1 ]
    [[ $output == *"no image of a format that I know"* ]]
    run mirage image
    [ "$status" -eq 124 ]
    [[ $output == *"what to do is missing"* ]]
    run mirage image frobnicate
    [ "$status" -eq 124 ]
    [[ $output == *"'frobnicate' is nothing to do with an image"*"make, list, read"* ]]
    run mirage image read x.img
    [ "$status" -eq 124 ]
    [[ $output == *"image read: too few operands"*"mirage image read IMAGE FILE"* ]]
    rm files/'what?'
    mirage image make files x.img
    run mirage image read x.img missing
    [ "$status" -eq 1 ]
    [[ $output == *"missing: No such file"* ]]
}
