/* SPDX-License-Identifier: ISC */
/*
 * Running other programs: compilers, the configuration, make, apt.
 */
#ifndef ENGINE_PROCESS_H
#define ENGINE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include <mirage/attributes.h>

struct process_result {
	int status;   /* exit status, or 128 + signal */
	char *output; /* standard output and error together, NUL-terminated; NULL if not asked */
	char *result; /* what was written to descriptor 3, NUL-terminated; NULL if not asked */
};

enum {
	PROCESS_CAPTURE = 1, /* collect standard output and error */
	PROCESS_RESULT = 2,  /* collect descriptor 3 */
	PROCESS_C_LOCALE =
		4, /* messages in English and ASCII, no compiler variables from outside */
};

/*
 * Run argv[0] (looked up in PATH) and wait for it. Free the result with process_result_free().
 *
 * -ENOENT  the program is not there
 * -ENOMEM, or why it could not be started
 */
must_check int process_run(const char *const argv[], unsigned flags, struct process_result *result);

void process_result_free(struct process_result *result);

/* Room for the path of a temporary folder. */
#define TEMPORARY_FOLDER_SIZE 1024

/*
 * Make a folder of one's own in TMPDIR, or /tmp. The caller removes it.
 *
 * -EINVAL  it could not be made; reported
 */
must_check int temporary_folder(char folder[TEMPORARY_FOLDER_SIZE]);

/* True if a program of this name is in PATH. */
bool process_exists(const char *name);

#endif
