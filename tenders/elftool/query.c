/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "tenders/elf/executable.h"
#include "tenders/elf/note.h"
#include "tenders/elftool/elftool.h"

/* A name from an image is anything: let it not break the JSON around it. */
static int print_name(const char *name, const char *path, struct reason *reason)
{
	json_t *string = json_string(name);
	char *text = json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	json_decref(string);
	if (text == NULL)
		return reason_set(reason, -EINVAL, "%s: a device's name is not text", path);
	fputs(text, stdout);
	free(text);
	return 0;
}

static int print_manifest(const struct manifest *manifest, const char *path, struct reason *reason)
{
	printf("{\n"
	       "    \"type\": \"solo5.manifest\",\n"
	       "    \"version\": %u,\n"
	       "    \"devices\": [",
	       manifest->version);
	for (size_t i = 1; i < manifest->entry_count; i++) {
		const struct solo5_manifest_entry *entry = &manifest->entries[i];

		fputs(i > 1 ? ",\n        { \"name\": " : "\n        { \"name\": ", stdout);
		int error = print_name(entry->name, path, reason);
		if (error != 0)
			return error;
		printf(", \"type\": \"%s\" }", manifest_device_type(entry->type));
	}
	puts(manifest->entry_count > 1 ? "\n    ]\n}" : "]\n}");
	return 0;
}

int elftool_query_manifest(const char *path, struct reason *reason)
{
	struct executable executable;
	struct manifest manifest;

	int error = executable_open(&executable, path, EXECUTABLE_ANY_MACHINE, reason);
	if (error != 0)
		return error;
	error = manifest_read(&manifest, &executable, reason);
	executable_close(&executable);
	return error != 0 ? error : print_manifest(&manifest, path, reason);
}

int elftool_query_abi(const char *path, struct reason *reason)
{
	struct executable executable;
	uint32_t target = 0;
	uint32_t version = 0;

	int error = executable_open(&executable, path, EXECUTABLE_ANY_MACHINE, reason);
	if (error != 0)
		return error;
	error = note_abi(&executable, &target, &version, reason);
	executable_close(&executable);
	if (error != 0)
		return error;

	const char *name = note_target_name(target);
	if (name == NULL)
		return reason_set(reason, -EINVAL, "%s: unknown ABI target %u", path, target);
	printf("{\n"
	       "    \"type\": \"solo5.abi\",\n"
	       "    \"target\": \"%s\",\n"
	       "    \"version\": %u\n"
	       "}\n",
	       name, version);
	return 0;
}
