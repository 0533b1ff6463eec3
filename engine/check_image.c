// SPDX-License-Identifier: ISC
#include "engine/check_image.h"
#include "engine/diagnostic.h"
#include "engine/file.h"
#include "engine/process.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "0000000000101000 <hello_start>:" */
static bool read_label(const char *line, char function[], size_t size)
{
	const char *open = strstr(line, " <");
	size_t length = strlen(line);

	if (open == NULL || length < 2 || strcmp(line + length - 2, ">:") != 0)
		return false;
	snprintf(function, size, "%.*s", (int)(length - 2 - (size_t)(open + 2 - line)), open + 2);
	return true;
}

static bool is_kernel_call(const char *instruction)
{
	static const char *const forbidden[] = { "syscall", "sysenter", "svc", "hvc", "smc" };
	size_t length = strcspn(instruction, " \t");

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		if (length == strlen(forbidden[i]) &&
		    strncmp(instruction, forbidden[i], length) == 0)
			return true;
	/* Linux's own old gate, as it is never written for anything else. */
	return length == 3 && strncmp(instruction, "int", 3) == 0 &&
	       strstr(instruction, "$0x80") != NULL;
}

size_t find_kernel_calls(char *listing, struct kernel_call calls[], size_t size)
{
	char function[128] = "";
	size_t count = 0;

	for (char *save = NULL, *line = strtok_r(listing, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		/* "  101005:<tab>syscall" */
		char *tab = strchr(line, '\t');

		if (read_label(line, function, sizeof(function)) || tab == NULL ||
		    !is_kernel_call(tab + 1))
			continue;
		if (count < size) {
			calls[count].address = strtoull(line, NULL, 16);
			snprintf(calls[count].function, sizeof(calls[count].function), "%s",
			         function);
			snprintf(calls[count].instruction, sizeof(calls[count].instruction), "%.*s",
			         (int)strcspn(tab + 1, " \t"), tab + 1);
		}
		count++;
	}
	return count;
}

const char *find_foreign_library(char *map, const char *root)
{
	for (char *save = NULL, *line = strtok_r(map, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *path = line + 5;
		size_t length = strlen(line);
		const char *name = strrchr(line, '/');

		if (strncmp(line, "LOAD /", 6) != 0)
			continue;
		bool archive = strcmp(line + length - 2, ".a") == 0 || strstr(line, ".so") != NULL;
		bool ours = strncmp(path, root, strlen(root)) == 0 &&
		            strncmp(path + strlen(root), "/lib/mirage/", 12) == 0;
		if (archive && !ours && strcmp(name, "/libgcc.a") != 0)
			return path;
	}
	return NULL;
}

/*
 * Where a call comes from, inlined or not: "targets/spt/host.c:31", "" if not known. The function
 * becomes the one in the source, which may have been inlined into the one in the listing.
 */
static void find_source(const char *image, struct kernel_call *call, char source[], size_t size)
{
	char number[32];
	const char *const argv[] = { "addr2line", "-f", "-e", image, number, NULL };
	struct process_result result;

	snprintf(number, sizeof(number), "0x%" PRIx64, call->address);
	source[0] = '\0';
	if (process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result) != 0)
		return;
	/* Two lines: the function, the place. */
	char *place = strchr(result.output, '\n');
	if (result.status == 0 && place != NULL) {
		*place++ = '\0';
		while (strncmp(place, "./", 2) == 0)
			place += 2;
		if (place[0] != '?')
			snprintf(source, size, "%.*s", (int)strcspn(place, " \n"), place);
		if (result.output[0] != '?')
			snprintf(call->function, sizeof(call->function), "%s", result.output);
	}
	process_result_free(&result);
}

/* The target's own code is the only one that may. */
static bool belongs_to_target(const char *target, const char *source)
{
	char folder[64];

	if (strcmp(target, "spt") != 0)
		return false;
	snprintf(folder, sizeof(folder), "targets/%s/", target);
	return strstr(source, folder) != NULL;
}

static int report_kernel_call(const char *target, const struct kernel_call *call,
                              const char *source)
{
	char hint[512];

	snprintf(hint, sizeof(hint),
	         "%s%sremove it: outside is reached through devices of config.c alone",
	         source[0] != '\0' ? source : "", source[0] != '\0' ? ": " : "");
	return diagnostic_failure(hint,
	                          "function '%s' calls a kernel (`%s` at 0x%" PRIx64
	                          "), which an image for %s must not",
	                          call->function, call->instruction, call->address, target);
}

static int check_instructions(const char *target, const char *image, const char *objdump)
{
	enum {
		CALLS_MAX = 256
	};
	const char *const argv[] = { objdump, "-d", "-w", "--no-show-raw-insn", image, NULL };
	struct kernel_call *calls = calloc(CALLS_MAX, sizeof(*calls));
	struct process_result result;
	int error = calls != NULL ? process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result)
	                          : -ENOMEM;

	if (error != 0) {
		free(calls);
		return diagnostic_failure("apt-get install binutils", "cannot run %s: %s", objdump,
		                          strerror(-error));
	}
	if (result.status != 0)
		error = diagnostic_failure("was it linked?", "%s cannot read %s: %s", objdump,
		                           image, result.output);
	size_t count = error == 0 ? find_kernel_calls(result.output, calls, CALLS_MAX) : 0;
	for (size_t i = 0; i < count && i < CALLS_MAX; i++) {
		char source[PATH_MAX];

		find_source(image, &calls[i], source, sizeof(source));
		if (!belongs_to_target(target, source))
			error = report_kernel_call(target, &calls[i], source);
	}
	if (count > CALLS_MAX)
		error = diagnostic_failure(NULL, "there are %zu system calls in the image", count);
	free(calls);
	process_result_free(&result);
	return error;
}

static int check_libraries(const char *folder, const char *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/image.map", folder);
	char *map = file_read(path);
	if (map == NULL)
		return diagnostic_failure("run `mirage clean`, then `mirage build`",
		                          "cannot read %s: %s", path, strerror(errno));
	const char *foreign = find_foreign_library(map, root);
	int error = 0;
	if (foreign != NULL)
		error = diagnostic_failure(
			"remove it from .link_flags; the image's own C library is complete, "
			"mathematics included",
			"%s is a library of this machine and cannot be part of an image", foreign);
	free(map);
	return error;
}

int check_image(const char *target, const char *folder, const char *root, const char *objdump)
{
	char image[PATH_MAX];
	int error = check_libraries(folder, root);

	snprintf(image, sizeof(image), "%s/image.debug", folder);
	return error != 0 ? error : check_instructions(target, image, objdump);
}
