/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "tenders/elftool/elftool.h"

/* The reserved entry does not count. */
enum {
	DEVICES_MAX = SOLO5_MANIFEST_ENTRIES_MAX - 1,
};

struct context {
	const char *source;
	struct reason *reason;
};

static int fail(const struct context *context, const char *where, const char *what)
{
	return reason_set(context->reason, -EINVAL, "%s: %s%s%s", context->source, where,
	                  where[0] != '\0' ? ": " : "", what);
}

/* -EINVAL if `object` has another key than these. */
static int check_keys(const struct context *context, json_t *object, const char *where,
                      const char *const keys[], size_t key_count)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		bool known = false;

		for (size_t i = 0; i < key_count; i++)
			known |= strcmp(key, keys[i]) == 0;
		if (!known)
			return reason_set(context->reason, -EINVAL, "%s: %s%sunknown key \"%s\"",
			                  context->source, where, where[0] != '\0' ? ": " : "",
			                  key);
	}
	return 0;
}

static bool is_name(const char *name, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return length >= 1 && length < SOLO5_MANIFEST_NAME_SIZE && strlen(name) == length &&
	       strspn(name, letters) == length;
}

static uint32_t type_of(const char *name)
{
	static const uint32_t types[] = { SOLO5_DEVICE_BLOCK_BASIC, SOLO5_DEVICE_NET_BASIC };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(name, manifest_device_type(types[i])) == 0)
			return types[i];
	}
	return 0;
}

static int parse_device(const struct context *context, json_t *device, size_t index,
                        struct manifest *manifest)
{
	static const char *const keys[] = { "name", "type" };
	struct solo5_manifest_entry *entry = &manifest->entries[manifest->entry_count];
	char where[32];

	snprintf(where, sizeof(where), "devices[%zu]", index);
	if (!json_is_object(device))
		return fail(context, where, "expected an object");
	int error = check_keys(context, device, where, keys, sizeof(keys) / sizeof(keys[0]));
	if (error != 0)
		return error;

	json_t *name = json_object_get(device, "name");
	json_t *type = json_object_get(device, "type");
	if (!json_is_string(name))
		return fail(context, where, "\"name\": expected a string");
	if (!json_is_string(type))
		return fail(context, where, "\"type\": expected a string");
	if (!is_name(json_string_value(name), json_string_length(name)))
		return fail(context, where,
		            "\"name\": expected 1 to 67 letters and digits of ASCII");
	entry->type = type_of(json_string_value(type));
	if (entry->type == 0)
		return fail(context, where, "\"type\": expected \"BLOCK_BASIC\" or \"NET_BASIC\"");
	if (manifest_find(manifest, json_string_value(name), json_string_length(name),
	                  entry->type) != NULL)
		return fail(context, where, "there is a device of this name and type already");
	memcpy(entry->name, json_string_value(name), json_string_length(name));
	manifest->entry_count++;
	return 0;
}

static int parse_devices(const struct context *context, json_t *devices, struct manifest *manifest)
{
	if (!json_is_array(devices))
		return fail(context, "\"devices\"", "expected an array");
	if (json_array_size(devices) > DEVICES_MAX)
		return reason_set(context->reason, -EINVAL,
		                  "%s: \"devices\": too many entries, maximum %d", context->source,
		                  DEVICES_MAX);
	for (size_t i = 0; i < json_array_size(devices); i++) {
		int error = parse_device(context, json_array_get(devices, i), i, manifest);
		if (error != 0)
			return error;
	}
	return 0;
}

static int parse_root(const struct context *context, json_t *root, struct manifest *manifest)
{
	static const char *const keys[] = { "type", "version", "devices" };

	if (!json_is_object(root))
		return fail(context, "", "expected an object");
	int error = check_keys(context, root, "", keys, sizeof(keys) / sizeof(keys[0]));
	if (error != 0)
		return error;

	const char *type = json_string_value(json_object_get(root, "type"));
	if (type == NULL || strcmp(type, "solo5.manifest") != 0)
		return fail(context, "\"type\"", "expected \"solo5.manifest\"");
	json_t *version = json_object_get(root, "version");
	if (!json_is_integer(version) || json_integer_value(version) != SOLO5_MANIFEST_VERSION)
		return fail(context, "\"version\"", "expected 1");
	return parse_devices(context, json_object_get(root, "devices"), manifest);
}

int elftool_parse_json(struct manifest *manifest, const char *text, size_t length,
                       const char *source, struct reason *reason)
{
	struct context context = { source, reason };
	json_error_t fault;

	memset(manifest, 0, sizeof(*manifest));
	manifest->version = SOLO5_MANIFEST_VERSION;
	manifest->entry_count = 1;
	manifest->entries[0].type = SOLO5_DEVICE_RESERVED_FIRST;

	json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &fault);
	if (root == NULL)
		return reason_set(reason, -EINVAL, "%s:%d:%d: %s", source, fault.line, fault.column,
		                  fault.text);
	int error = parse_root(&context, root, manifest);
	json_decref(root);
	return error;
}
