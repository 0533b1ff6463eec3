#include <mirage/config.h>

KEY_STRING(disk_key, .stage = KEY_STAGE_RUN, .required = true, .placeholder = "HEX",
           .doc = "The key of the encrypted disk: 128 hexadecimal digits.")
KEY_FLAG(decrypt, .stage = KEY_STAGE_RUN, .doc = "Copy the other way.")
MAIN(copy_main, "copy_start", block, block)

/* A file on unix; elsewhere the name by which a tender attaches it. */
static block_impl *disk(const char *name, const char *file)
{
	return if_impl(is_solo5(), block_of_file(name), block_of_file(file));
}

void configure(void)
{
	block_impl *encrypted = disk("encrypted", "encrypted.img");

	register_unikernel(
		"disk-encryption",
		copy_main(disk("plain", "plain.img"), block_encryption(encrypted, &key_disk_key)));
}
