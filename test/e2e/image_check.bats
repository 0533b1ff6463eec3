#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# mirage image check: silent about sound images, and of one mind with fsck.fat about damaged ones.

load common

need() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

DAMAGE=$BATS_TEST_DIRNAME/fat_damage.py

make_files() {
    mkdir -p files
    head -c 20000 /dev/urandom >files/A.BIN
    head -c 9000 /dev/urandom >files/B.BIN
    echo x >"files/a rather long name indeed.text"
}

# An image by mkfs.fat and mtools with BITS in an entry of the table.
make_theirs() {
    rm -f whole.img
    truncate -s "$((10#$1 == 12 ? 1 : 10#$1 == 16 ? 16 : 40))M" whole.img
    mkfs.fat -F "$1" -s $(($1 == 12 ? 4 : 1)) -n LABEL whole.img >/dev/null
    mcopy -i whole.img files/A.BIN ::/A.BIN
    mmd -i whole.img ::/DIR
    mcopy -i whole.img files/B.BIN ::/B.BIN
    mcopy -i whole.img files/a* ::/
    mcopy -i whole.img files/B.BIN ::/DIR/F
}

# The same by us.
make_ours() {
    mkdir -p files/DIR
    cp files/B.BIN files/DIR/F
    mirage image make "--size=$(($1 == 12 ? 1 : $1 == 16 ? 16 : 200))MiB" files whole.img
}

# Damage whole.img in each way; both checkers must see it.
both_see_all_damage() {
    local kind
    fsck.fat -n whole.img
    mirage image check whole.img
    for kind in $("$DAMAGE" --kinds); do
        cp whole.img damaged.img
        "$DAMAGE" damaged.img "$kind"
        cmp -s whole.img damaged.img && continue # of another type of volume
        sum=$(cksum <damaged.img)
        run fsck.fat -n damaged.img
        theirs=$status
        run mirage image check damaged.img
        echo "$kind: fsck.fat $theirs, mirage $status: $output"
        [ "$status" -eq "$theirs" ]
        grep -q "^damaged.img: ...*: ..*" <<<"$output"
        # Looking changes nothing.
        [ "$sum" = "$(cksum <damaged.img)" ]
    done
}

@test "fsck.fat and we agree on damaged images of every type by mkfs.fat and mtools" {
    need mcopy
    need fsck.fat
    make_files
    for bits in 12 16 32; do
        make_theirs $bits
        both_see_all_damage
    done
}

@test "fsck.fat and we agree on damaged images of every type by us" {
    need fsck.fat
    make_files
    for bits in 12 16 32; do
        make_ours $bits
        both_see_all_damage
    done
}

@test "a finding names the file, the clusters, and what they mean" {
    need mcopy
    make_files
    make_theirs 12
    "$DAMAGE" whole.img loop
    run mirage image check whole.img
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "whole.img: A.BIN: its chain leads back to cluster 3 after 10 clusters and never ends" ]
    [ "${lines[1]}" = "whole.img: a FAT file system that is damaged: 1 finding" ]
    make_theirs 12
    "$DAMAGE" whole.img same-chain
    run mirage image check whole.img
    [[ $output == *"whole.img: B.BIN: cluster 2 of it belongs to something else too"* ]]
    [[ $output == *"whole.img: A.BIN: cluster 2 of it belongs to something else too"* ]]
}

@test "all that is left out of an archive is named, and hides no damage" {
    mkdir files
    echo one >files/one
    ln -s /etc/passwd files/out
    ln -s nothing files/nowhere
    tar -cf a.tar -C files .
    run mirage image check a.tar
    [ "$status" -eq 0 ]
    [[ $output == *"a.tar: harmless: ./out: a link that leads out of the archive"* ]]
    [[ $output == *"a.tar: harmless: nowhere: a link that leads to no value"* ]]
    [ "$(mirage image check --json a.tar | jq -r '[.sound, .findings[0].harmless] | @csv')" = true,true ]
    rm -r files/out files/nowhere
    mkdir files2
    touch files2/x
    ln files/one files2/one
    # A file that is a folder too.
    tar -cf b.tar -C files one
    tar -rf b.tar --transform='s,^x,one/x,' -C files2 x
    run mirage image check b.tar
    [ "$status" -eq 1 ]
    [[ $output == *"b.tar: one: a file and a folder have its name: the later one counts"* ]]
}

@test "findings are JSON if asked" {
    need mcopy
    make_files
    make_theirs 16
    mirage image check --json whole.img >sound.json
    [ "$(jq -r '[.image, .format, .sound, .files, .bytes, (.findings | length)] | @csv' sound.json)" = \
        '"whole.img","fat",true,4,38002,0' ]
    "$DAMAGE" whole.img lost-chain
    run mirage image check --json whole.img
    [ "$status" -eq 1 ]
    [ "$(jq -r '[.sound, .findings[0].kind, .findings[0].path, .findings[0].harmless] | @csv' <<<"$output")" = \
        'false,"lost-chain","",false' ]
    head -c 3000 /dev/zero >zeros
    truncate -s 100K whole.img
    run mirage image check --json whole.img
    [ "$status" -eq 1 ]
    [ "$(jq -r '.findings[0].kind' <<<"$output")" = unusable ]
}

@test "a littlefs file whose blocks contradict each other is damaged" {
    mkdir files
    head -c 30000 /dev/urandom >files/one
    head -c 30000 /dev/urandom >files/two
    mirage image make -f littlefs files l.img
    mirage image check l.img
    # The first pointer of a block of a file, to itself: all blocks but those of the root hold files.
    block=$(python3 - <<'END'
import struct
with open("l.img", "r+b") as image:
    bytes = image.read()
    # A block's first four bytes are a small number only if they are a pointer.
    block = next(b for b in range(2, len(bytes) // 4096)
                 if struct.unpack_from("<I", bytes, b * 4096)[0] == b - 1)
    image.seek(block * 4096)
    image.write(struct.pack("<I", block))
print(block)
END
    )
    run mirage image check l.img
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *": its block $block leads to block $block, where $((block - 1)) should be"* ]]
    run mirage image check --json l.img
    [ "$(jq -r '.findings[0].kind' <<<"$output")" = bad-list ]
}
