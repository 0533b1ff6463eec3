// SPDX-License-Identifier: ISC
/* Devices by name. The manifest is the image's own, checked by the tender when it attached them. */
#include "targets/solo5/manifest.h"

#include <errno.h>
#include <string.h>

#include "targets/solo5/host.h"

int solo5_manifest_find(const char *name, enum solo5_device_type type, unsigned int *handle,
                        const struct solo5_manifest_entry **entry)
{
	const struct solo5_manifest *manifest = host_manifest();

	for (uint32_t i = 1; i < manifest->entry_count && i < SOLO5_MANIFEST_ENTRIES_MAX; i++) {
		const struct solo5_manifest_entry *e = &manifest->entries[i];

		if (e->type != type || e->attached == 0 || strcmp(e->name, name) != 0)
			continue;
		*handle = i;
		*entry = e;
		return 0;
	}
	return -ENODEV;
}
