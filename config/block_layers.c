// SPDX-License-Identifier: ISC
/* Block devices that stand on others, as config.c names them. */
#include <mirage/config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	PARTITION_NUMBER_MAX = 1024,
	PARTITION_NAME_MAX = 108,
	CACHE_SIZE_MIN = 8 * 65536, /* eight lines of the largest sectors */
};

static void check_disk(struct location here, const char *constructor, const block_impl *disk)
{
	if (disk == NULL)
		config_fail_at(here, "%s(): the disk is NULL: give it a block device", constructor);
}

block_impl *partition_at(struct location here, block_impl *disk, unsigned int number,
                         const char *name)
{
	char number_text[32];

	check_disk(here, "partition", disk);
	if (name == NULL && (number == 0 || number > PARTITION_NUMBER_MAX))
		config_fail_at(here, "partition(): number %u: they count from 1 to %d", number,
		               PARTITION_NUMBER_MAX);
	if (name != NULL && (*name == '\0' || strlen(name) > PARTITION_NAME_MAX))
		config_fail_at(here, "partition_named(): a name has 1 to %d bytes",
		               PARTITION_NAME_MAX);
	snprintf(number_text, sizeof(number_text), "%u", number);
	return (block_impl *)device_new(
		here, &block_type, "block_partition",
		&(struct device){
			.header = "mirage/block_partition.h",
			.state = true,
			.connect = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(below, disk)),
			.values = name != NULL ? VALUES(TEXT_VALUE(name, name))
	                                       : VALUES(C_VALUE(number, number_text)),
		});
}

block_impl *block_cache_at(struct location here, block_impl *disk,
                           const struct block_cache_fields *fields)
{
	char size[32];

	check_disk(here, "block_cache", disk);
	if (fields->size != 0 && fields->size < CACHE_SIZE_MIN)
		config_fail_at(here, "block_cache(): a size of %" PRIu64 " bytes: give at least %d",
		               fields->size, CACHE_SIZE_MIN);
	snprintf(size, sizeof(size), "UINT64_C(%" PRIu64 ")", fields->size);
	return (block_impl *)device_new(here, &block_type, "block_cache",
	                                &(struct device){
						.header = "mirage/block_cache.h",
						.state = true,
						.connect = true,
						.disconnect = true,
						.devices = DEVICES(WIRE(below, disk)),
						.values = VALUES(C_VALUE(size, size)),
					});
}

block_impl *block_checksum_at(struct location here, block_impl *disk)
{
	check_disk(here, "block_checksum", disk);
	return (block_impl *)device_new(here, &block_type, "block_checksum",
	                                &(struct device){
						.header = "mirage/block_checksum.h",
						.state = true,
						.connect = true,
						.disconnect = true,
						.devices = DEVICES(WIRE(below, disk)),
					});
}

/* What the target has its ciphers from (<mirage/cipher.h>). */
static const struct package *cipher_packages(void)
{
	static const struct package on_unix[] = {
		{ .name = "libssl-dev", .pkg_config = "libcrypto" }, { .name = NULL }
	};
	static const struct package bare[] = { { .name = "mbedtls" }, { .name = NULL } };

	return get_mode() == MODE_UNIX ? on_unix : bare;
}

static void check_disk_key(struct location here, const char *constructor, const struct key *key)
{
	if (key == NULL || key->type != ARGUMENT_STRING || key->list)
		config_fail_at(here, "%s(): the key is to be a KEY_STRING", constructor);
	if (key->stage == KEY_STAGE_CONFIGURE)
		config_fail_at(here,
		               "%s(): key '%s' is of stage configure, and would be in the image: "
		               "give it KEY_STAGE_RUN",
		               constructor, key->identifier);
}

block_impl *block_encryption_at(struct location here, block_impl *disk, const struct key *key)
{
	check_disk(here, "block_encryption", disk);
	check_disk_key(here, "block_encryption", key);
	return (block_impl *)device_new(here, &block_type, "block_encryption",
	                                &(struct device){
						.header = "mirage/block_encryption.h",
						.state = true,
						.connect = true,
						.disconnect = true,
						.targets = TARGETS("unix", "hvt", "spt"),
						.devices = DEVICES(WIRE(below, disk)),
						.values = VALUES(KEY_VALUE(key, key)),
						.packages = cipher_packages(),
					});
}

block_impl *block_ccm_at(struct location here, block_impl *disk, const struct key *key,
                         const struct block_ccm_fields *fields)
{
	char nonce_length[32], tag_length[32];

	check_disk(here, "block_ccm", disk);
	check_disk_key(here, "block_ccm", key);
	if (fields->nonce_length != 0 && (fields->nonce_length < 7 || fields->nonce_length > 13))
		config_fail_at(here, "block_ccm(): a nonce of %u bytes: give 7 to 13",
		               fields->nonce_length);
	if (fields->tag_length != 0 &&
	    (fields->tag_length < 8 || fields->tag_length > 16 || fields->tag_length % 2 != 0))
		config_fail_at(here, "block_ccm(): a tag of %u bytes: give 8, 10, 12, 14 or 16",
		               fields->tag_length);
	snprintf(nonce_length, sizeof(nonce_length), "%u", fields->nonce_length);
	snprintf(tag_length, sizeof(tag_length), "%u", fields->tag_length);
	return (block_impl *)device_new(
		here, &block_type, "block_ccm",
		&(struct device){
			.header = "mirage/block_ccm.h",
			.state = true,
			.connect = true,
			.disconnect = true,
			.targets = TARGETS("unix", "hvt", "spt"),
			.devices = DEVICES(WIRE(below, disk), WIRE(random, default_random())),
			.values = VALUES(KEY_VALUE(key, key), C_VALUE(nonce_length, nonce_length),
	                                 C_VALUE(tag_length, tag_length)),
			.packages = cipher_packages(),
		});
}

block_impl *block_faulty_at(struct location here, block_impl *disk,
                            const struct block_faulty_plan *plan)
{
	char text[600];

	check_disk(here, "block_faulty", disk);
	if ((unsigned int)plan->unflushed > BLOCK_FAULTY_SHUFFLE ||
	    (unsigned int)plan->tear > BLOCK_FAULTY_TEAR_BYTES ||
	    (unsigned int)plan->bad > BLOCK_FAULTY_BAD_LIES)
		config_fail_at(here, "block_faulty(): .unflushed, .tear and .bad take the "
		                     "constants of <mirage/block_faulty.h>");
	if (plan->fail_error > 0)
		config_fail_at(here, "block_faulty(): .fail_error is negative, such as -EIO");
	snprintf(text, sizeof(text),
	         "{ .seed = UINT64_C(%" PRIu64 "), .unflushed = %d, .tear = %d, "
	         ".cut_at = UINT64_C(%" PRIu64 "), .fail_at = UINT64_C(%" PRIu64 "), "
	         ".fail_count = UINT64_C(%" PRIu64 "), .fail_error = %d, "
	         ".bad_sector = UINT64_C(%" PRIu64 "), .bad_count = UINT64_C(%" PRIu64 "), "
	         ".bad = %d, .flip_one_in = %" PRIu32 "u, .lose_one_in = %" PRIu32 "u }",
	         plan->seed, plan->unflushed, plan->tear, plan->cut_at, plan->fail_at,
	         plan->fail_count, plan->fail_error, plan->bad_sector, plan->bad_count, plan->bad,
	         plan->flip_one_in, plan->lose_one_in);
	return (block_impl *)device_new(here, &block_type, "block_faulty",
	                                &(struct device){
						.header = "mirage/block_faulty.h",
						.state = true,
						.connect = true,
						.disconnect = true,
						.devices = DEVICES(WIRE(below, disk)),
						.values = VALUES(C_VALUE(plan, text)),
					});
}
