/* SPDX-License-Identifier: ISC */
#include "tenders/devices/declared.h"

#include <errno.h>

/* For messages; longer names cannot be in a manifest. */
static int shown_length(const struct option_argument *argument)
{
	return argument->device_length < SOLO5_MANIFEST_NAME_SIZE ? (int)argument->device_length
	                                                          : SOLO5_MANIFEST_NAME_SIZE;
}

int declared_index(struct manifest *manifest, const struct option_argument *argument, uint32_t type,
                   size_t *index, struct reason *reason)
{
	struct solo5_manifest_entry *entry =
		manifest_find(manifest, argument->device, argument->device_length, type);

	if (entry == NULL)
		return reason_set(reason, -ENOENT, "Resource not declared in manifest: '%.*s'",
		                  shown_length(argument), argument->device);
	*index = (size_t)(entry - manifest->entries);
	return 0;
}

int declared_twice(const struct option_argument *argument, struct reason *reason)
{
	return reason_set(reason, -EEXIST, "Resource already attached: '%.*s'",
	                  shown_length(argument), argument->device);
}
