#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# Key/value stores under a tender: what examples/device-usage/kv_ro gets from images of the build, and a
# store that outlives the image.

load common

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

# Count the starts of an image in a store on a disk.
counter() {
    write_config <<END
MAIN(count_main, "count_start", console, kv_rw)

void configure(void)
{
	block_impl *disk = if_impl(is_solo5(), block_of_file("disk"), block_of_file("disk.img"));

	register_unikernel("count", count_main(default_console(), $1(disk)));
}
END
    cat >unikernel.c <<'END'
#include <mirage/console.h>
#include <mirage/kv_rw.h>

#include <stdio.h>
#include <stdlib.h>

int count_start(const struct console *console, const struct kv_rw *store)
{
	struct kv_ro reader = kv_rw_reader(store);
	struct kv_value value;
	char text[32];
	int count = 0, error = kv_ro_get(&reader, "state/starts", &value);

	if (error == 0)
		count = atoi((const char *)value.bytes);
	else if (error != -ENOENT)
		return error;
	kv_value_release(&value);
	snprintf(text, sizeof(text), "%d", count + 1);
	console_log(console, text);
	return kv_rw_set(store, "state/starts", text, strlen(text));
}
END
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
