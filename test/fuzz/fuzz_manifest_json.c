// SPDX-License-Identifier: ISC
/* Manifests as JSON: an error with a reason, or what a tender accepts as a note. */
#include <stdlib.h>

#include "tenders/elftool/elftool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reason reason = { .usage = false };
	struct manifest manifest;
	struct manifest again;

	int error = elftool_parse_json(&manifest, (const char *)data, size, "m.json", &reason);
	if (error != 0) {
		if (reason.text[0] == '\0')
			abort();
		return 0;
	}
	if (manifest_parse(&again, &manifest, manifest_size(&manifest)) != 0)
		abort();
	return 0;
}
