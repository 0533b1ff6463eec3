# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# A project for suites of stores that remember.

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
