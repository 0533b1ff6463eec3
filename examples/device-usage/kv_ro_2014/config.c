#include <mirage/config.h>

#include <string.h>

FOREIGN(kv_ro_main, "kv_ro_start", console, kv_ro, kv_ro)

enum fs {
	FS_FAT,
	FS_CRUNCH
};

static enum fs get_fs(void)
{
	const char *fs = environment("FS", "crunch");

	if (strcmp(fs, "fat") == 0)
		return FS_FAT;
	if (strcmp(fs, "crunch") == 0)
		return FS_CRUNCH;
	config_fail("Unknown FS mode: %s", fs);
}

static kv_ro_impl *get_disk(void)
{
	if (get_fs() == FS_FAT)
		return kv_ro_of_fs(fat_of_files("t"));
	return get_mode() == MODE_UNIX ? direct_kv_ro("t") : crunch("t");
}

void configure(void)
{
	kv_ro_impl *disk = get_disk();

	register_unikernel("kv_ro", kv_ro_main(default_console(), disk, disk));
}
