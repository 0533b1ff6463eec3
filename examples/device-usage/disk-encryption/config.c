#include <mirage/config.h>

KEY_STRING(disk_key, .stage = KEY_STAGE_RUN, .required = true, .placeholder = "HEX",
           .doc = "The key of the encrypted disk: 128 hexadecimal digits.")
KEY_FLAG(decrypt, .stage = KEY_STAGE_RUN, .doc = "Copy the other way.")
MAIN(copy_main, "copy_start", block, block)

void configure(void)
{
	block_impl *encrypted = block_encryption(block_of_file("encrypted.img"), &key_disk_key);

	register_unikernel("disk-encryption", copy_main(block_of_file("plain.img"), encrypted));
}
