// SPDX-License-Identifier: ISC
/* Block devices, as config.c names them. */
#include <mirage/config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The devices that have names, in the order in which they were made. */
struct named {
	const struct named *next;
	struct impl *impl;
	uint64_t fields; /* what else it was given: must be the same with the same name */
	char key[];      /* its constructor and name */
};

static const struct named *all;

enum {
	RAMDISK_SIZE_DEFAULT = 16 << 20,
	SECTOR_SIZE_MIN = 512,
	SECTOR_SIZE_MAX = 65536,
};

/* The device of that constructor and name, or NULL. */
static struct impl *find(struct location here, const char *constructor, const char *name,
                         uint64_t fields)
{
	size_t length = strlen(constructor);

	for (const struct named *n = all; n != NULL; n = n->next) {
		if (strncmp(n->key, constructor, length) != 0 ||
		    strcmp(n->key + length + 1, name) != 0)
			continue;
		if (n->fields != fields)
			config_fail_at(here,
			               "%s(\"%s\") has other fields here than before: it is one "
			               "device, so give the same, or another name",
			               constructor, name);
		return n->impl;
	}
	return NULL;
}

static block_impl *keep(struct location here, const char *constructor, const char *name,
                        uint64_t fields, struct impl *impl)
{
	size_t size = strlen(constructor) + strlen(name) + 2;
	struct named *named = malloc(sizeof(*named) + size);

	if (named == NULL)
		config_fail_at(here, "out of memory");
	named->next = all;
	named->impl = impl;
	named->fields = fields;
	snprintf(named->key, size, "%s %s", constructor, name);
	all = named;
	return (block_impl *)impl;
}

static void check_name(struct location here, const char *constructor, const char *name)
{
	if (name == NULL || *name == '\0')
		config_fail_at(here, "%s() needs a name", constructor);
}

static void check_sector_size(struct location here, const char *constructor, const char *name,
                              uint32_t size)
{
	if (size != 0 &&
	    (size < SECTOR_SIZE_MIN || size > SECTOR_SIZE_MAX || (size & (size - 1)) != 0))
		config_fail_at(here,
		               "%s(\"%s\"): sectors of %" PRIu32
		               " bytes: give a power of two from %d to %d",
		               constructor, name, size, SECTOR_SIZE_MIN, SECTOR_SIZE_MAX);
}

/* Devices of the manifest are shown, and checked, where there is one. */
static struct manifest_device on_solo5(const char *name)
{
	static const char *const targets[] = { "hvt", "spt", "virtio", "muen" };

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(get_target(), targets[i]) == 0)
			return MANIFEST_BLOCK(name);
	return (struct manifest_device){ .type = NULL };
}

/* A number as a C constant, in storage of the caller's. */
static const char *number(char text[32], uint64_t value)
{
	snprintf(text, 32, "UINT64_C(%" PRIu64 ")", value);
	return text;
}

block_impl *block_of_file_at(struct location here, const char *name,
                             const struct block_of_file_fields *fields)
{
	static const char constructor[] = "block_of_file";
	uint64_t given = (uint64_t)fields->sector_size << 1 | fields->read_only;
	char sector_size[32];

	check_name(here, constructor, name);
	check_sector_size(here, constructor, name, fields->sector_size);
	struct impl *known = find(here, constructor, name, given);
	if (known != NULL)
		return (block_impl *)known;
	return keep(here, constructor, name, given,
	            device_new(here, &block_type, constructor,
	                       &(struct device){
				       .header = "mirage/block_of_file.h",
				       .state = true,
				       .connect = true,
				       .disconnect = true,
				       .targets = TARGETS("unix", "hvt", "spt"),
				       .manifest = on_solo5(name),
				       .values = VALUES(
					       TEXT_VALUE(name, name),
					       C_VALUE(sector_size,
	                                               number(sector_size, fields->sector_size)),
					       C_VALUE(read_only,
	                                               fields->read_only ? "true" : "false")),
			       }));
}

block_impl *block_of_xenstore_id_at(struct location here, const char *id)
{
	check_name(here, "block_of_xenstore_id", id);
	return (block_impl *)device_new(here, &block_type, "block_of_xenstore_id",
	                                &(struct device){
						.header = "mirage/block_of_file.h",
						.targets = TARGETS("xen", "qubes"),
					});
}

block_impl *ramdisk_at(struct location here, const char *name, const struct ramdisk_fields *fields)
{
	static const char constructor[] = "ramdisk";
	uint64_t size = fields->size == 0 ? RAMDISK_SIZE_DEFAULT : fields->size;
	uint32_t sector = fields->sector_size == 0 ? SECTOR_SIZE_MIN : fields->sector_size;
	char size_text[32], sector_text[32];

	check_name(here, constructor, name);
	check_sector_size(here, constructor, name, sector);
	if (size % sector != 0)
		config_fail_at(here,
		               "ramdisk(\"%s\"): its size, %" PRIu64
		               " bytes, is no multiple of the sector size, %" PRIu32,
		               name, size, sector);
	/* Sector sizes are powers of two: the low bits of a size have room for their logarithm. */
	uint64_t given = size | (uint64_t)__builtin_ctz(sector);
	struct impl *known = find(here, constructor, name, given);
	if (known != NULL)
		return (block_impl *)known;
	return keep(here, constructor, name, given,
	            device_new(here, &block_type, constructor,
	                       &(struct device){
				       .header = "mirage/ramdisk.h",
				       .state = true,
				       .connect = true,
				       .disconnect = true,
				       .values = VALUES(
					       C_VALUE(size, number(size_text, size)),
					       C_VALUE(sector_size, number(sector_text, sector))),
			       }));
}
