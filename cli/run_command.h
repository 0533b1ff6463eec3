/* SPDX-License-Identifier: ISC */
/*
 * The parts of `mirage run`: command lines, the devices that an image asks for, and starting it.
 */
#ifndef CLI_RUN_COMMAND_H
#define CLI_RUN_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <mirage/attributes.h>

/* ------------------------------------------------------------------ command lines (run_words.c) */

/* A growing list of words, each owned, with a NULL behind the last. Zeroed: empty. */
struct words {
	char **items;
	size_t count;
};

/* Append a word, a printf format. Memory that is out ends the tool. */
void words_add(struct words *words, const char *format, ...) printf_like(2, 3);

/* Append a word of the image's own as a tender must get it: tenders join words by blanks, and
   images split them again where a backslash does not precede. */
void words_add_image_argument(struct words *words, const char *argument);
void words_free(struct words *words);

/* "* ip link set …": the command as a shell would take it. */
void words_print(const struct words *words, const char *prefix);

/*
 * Start a program (looked up in PATH), in a process group of its own if `apart`, and do not wait.
 * From before that on, the keyboard's signals are for the program alone, and those that would end
 * this one wait for program_wait().
 *
 * -EINVAL  reported
 */
must_check int program_start(const struct words *words, bool apart, pid_t *pid);

/* True if a program ends, or has ended, within a moment; then *status is what program_wait() gives. */
bool program_ends_at_once(pid_t pid, int *status);

/* Wait for a program, passing on SIGTERM and SIGHUP: its status, or 128 + signal. */
int program_wait(pid_t pid);

/* Become the program. Returns EXIT_ERROR, reported. */
int words_become(const struct words *words);

/* ------------------------------------------------------------------ devices (run_devices.c) */

enum {
	RUN_DEVICES_MAX = 63,
};

/* What `--net:NAME=…` and its like say. */
struct device_option {
	const char *option; /* "net", "net-mac", "block", "block-sector-size" */
	char name[128];
	const char *value;
};

struct device_options {
	struct device_option items[2 * RUN_DEVICES_MAX];
	size_t count;
};

/*
 * Move the device options out of argv[1 …] (up to "--") into `options`; returns the new argc.
 * -EINVAL: reported.
 */
must_check int device_options_take(struct device_options *options, int argc, const char *argv[]);

/* The taps that are made for this run. */
struct taps {
	char names[RUN_DEVICES_MAX][16];
	size_t count;
	bool dry_run;
};

/*
 * Append the tender's options for what mirage/manifest.json asks, by the options given and by
 * default, making network interfaces that are missing if `taps` may.
 *
 * -EINVAL  reported: a device that nothing is attached to, or that the image does not have
 */
must_check int devices_attach(const struct device_options *options, struct words *words,
                              struct taps *taps);

/* Remove the interfaces again. */
void taps_remove(const struct taps *taps);

#endif
