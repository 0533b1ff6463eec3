// SPDX-License-Identifier: ISC
/* The table of targets. */
#include "cli/targets.h"
#include "engine/target.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mirage/arguments.h>

const struct target_description target_descriptions[] = {
	{ "unix", "a process of the host", true },
	{ "hvt", "a KVM guest under the solo5-hvt tender", true },
	{ "spt", "a process in a seccomp sandbox under the solo5-spt tender", true },
	{ "virtio", "a virtual machine with virtio devices (QEMU, clouds)", false },
	{ "xen", "a Xen guest (PV and PVH)", false },
	{ "qubes", "a Qubes OS guest", false },
	{ "muen", "a subject on the Muen separation kernel", false },
	{ "js", "Node.js or a browser", false },
	{ "macosx", "a process on macOS", false },
	{ NULL, NULL, false },
};

static void list_targets(bool supported_only, char list[], size_t size)
{
	list[0] = '\0';
	for (const struct target_description *t = target_descriptions; t->name != NULL; t++) {
		size_t used = strlen(list);

		if (t->supported || !supported_only)
			snprintf(list + used, size - used, "%s%s", used > 0 ? ", " : "", t->name);
	}
}

bool target_installed(const struct installation *installation, const char *name)
{
	char file[PATH_MAX + 64];

	snprintf(file, sizeof(file), "%s/lib/mirage/%s/%s", installation->root, name,
	         target_kind(name) == TARGET_HOSTED ? "libmirage-runtime.a" : "image.ld");
	return access(file, R_OK) == 0;
}

static const struct target_description *find_target(const char *name)
{
	for (const struct target_description *t = target_descriptions; t->name != NULL; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

int target_check_name(const char *name)
{
	const char *names[32];
	char list[256], hint[512];
	size_t count = 0;

	if (find_target(name) != NULL)
		return 0;
	for (const struct target_description *t = target_descriptions; t->name != NULL; t++)
		names[count++] = t->name;
	const char *nearest = nearest_name(name, names, count);
	list_targets(false, list, sizeof(list));
	snprintf(hint, sizeof(hint), "%s%s%stargets are %s",
	         nearest != NULL ? "did you mean '" : "", nearest != NULL ? nearest : "",
	         nearest != NULL ? "'? " : "", list);
	return diagnostic_failure(hint, "unknown target '%s'", name);
}

int target_check(const struct installation *installation, const char *name)
{
	const struct target_description *target = find_target(name);
	char list[256], hint[512];

	if (target == NULL || !target->supported) {
		list_targets(true, list, sizeof(list));
		snprintf(hint, sizeof(hint), "supported targets: %s", list);
		return diagnostic_failure(hint, "target '%s' is not supported by this build", name);
	}
	if (target_installed(installation, name))
		return 0;
	return diagnostic_failure("run `make` (or `make install`) in the source tree of mirage",
	                          "the libraries for target '%s' are not here", name);
}
