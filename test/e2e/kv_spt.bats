#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# Key/value stores under a tender: what examples/device-usage/kv_ro gets from images of the build, and a
# store that outlives the image.

load common
load counter

@test "kv_ro on spt gets its secret from crunch, a FAT image and an archive" {
    cp -R "$ROOT/examples/device-usage/kv_ro" project
    cd project
    for store in crunch fat archive; do
        mirage configure -q -t spt --kv_ro=$store
        mirage build
        case $store in
        crunch) devices=() ;;
        fat) devices=(--block:fat1=fat1.img) ;;
        archive) devices=(--block:archive1=archive1.tar) ;;
        esac
        run solo5-spt --mem=8 "${devices[@]}" dist/kv_ro.spt
        echo "$store: $output"
        [ "$status" -eq 0 ]
        [[ $output == *"INF [application] Contents of extremely secret vital storage confirmed!"* ]]
        # Without its device it does not start.
        [ $store = crunch ] || ! solo5-spt --mem=8 dist/kv_ro.spt || false
    done
}

@test "a store on a disk remembers across starts, targets and formats" {
    mkdir empty
    for store in fat_rw littlefs tar_kv_rw; do
        mkdir "$BATS_TEST_TMPDIR/$store"
        cd "$BATS_TEST_TMPDIR/$store"
        counter $store
        format=${store%_rw}
        mirage image make --format="${format%_kv}" --size=1MiB ../empty disk.img
        for start in 1 2 3; do
            mirage configure -q -t unix
            mirage build >/dev/null
            [ "$(dist/count)" = $((2 * start - 1)) ]
            mirage configure -q -t spt
            mirage build >/dev/null
            run solo5-spt --mem=8 --block:disk=disk.img dist/count.spt
            echo "$store: $output"
            [ "$status" -eq 0 ]
            grep -q "^$((2 * start))\$" <<<"$output"
        done
        [ "$(mirage image read disk.img state/starts)" = 6 ]
    done
}
