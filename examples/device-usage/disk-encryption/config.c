#include <mirage/config.h>

KEY_STRING(disk_key, .stage = KEY_STAGE_RUN, .required = true, .placeholder = "HEX",
           .doc = "The key of the encrypted disk, in hexadecimal digits: 128 for xts; 32, 48 or "
                  "64 for ccm.")
KEY_FLAG(decrypt, .stage = KEY_STAGE_RUN, .doc = "Copy the other way.")
KEY_ENUM(format, .stage = KEY_STAGE_CONFIGURE, .value = "xts", .choices = CHOICES("xts", "ccm"),
         .doc = "How the disk is encrypted: with authentication, which takes half of it, by ccm.")
MAIN(copy_main, "copy_start", block, block)

/* A file on unix; elsewhere the name by which a tender attaches it. */
static block_impl *disk(const char *name, const char *file)
{
	return if_impl(is_solo5(), block_of_file(name), block_of_file(file));
}

void configure(void)
{
	block_impl *below = disk("encrypted", "encrypted.img");
	block_impl *encrypted = match_impl(&key_format, block_encryption(below, &key_disk_key),
	                                   CASE("ccm", block_ccm(below, &key_disk_key)));

	register_unikernel("disk-encryption", copy_main(disk("plain", "plain.img"), encrypted));
}
