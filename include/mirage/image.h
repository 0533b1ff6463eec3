/* SPDX-License-Identifier: ISC */
/*
 * What `mirage/main.c` describes: one image, its options, devices and jobs.
 *
 * The generated main.c defines `const struct image image`; the target's start-up code passes it to
 * image_run(). Nothing else connects the two.
 */
#ifndef MIRAGE_IMAGE_H
#define MIRAGE_IMAGE_H

#include <stddef.h>

#include <mirage/arguments.h>
#include <mirage/attributes.h>
#include <mirage/target.h>

/* A device with something to do before the first job starts or after the last has ended. */
struct image_device {
	const char *name;
	int (*connect)(void);     /* NULL: nothing to do. Negative: the image does not start */
	void (*disconnect)(void); /* NULL: nothing to do */
};

/* A job: an entry point, run as a fiber. */
struct image_job {
	const char *name;
	int (*start)(void);
};

/* Rows that every table of an image begins with. */
enum {
	IMAGE_ARGUMENT_LOGS,  /* string: --logs, -l */
	IMAGE_ARGUMENT_NAME,  /* string: --name */
	IMAGE_ARGUMENT_DELAY, /* duration: --delay */
	IMAGE_ARGUMENTS,      /* the first row of the unikernel's own */
};

struct image {
	const char *name;
	const char *version;         /* of the tool that made it */
	const char *target;          /* "unix", "hvt", … */
	const char *const *contents; /* implementations linked in, NULL-terminated */
	const struct argument *arguments;
	size_t argument_count;
	struct argument_value *values;      /* argument_count of them, filled at boot */
	const struct image_device *devices; /* in the order in which they are connected */
	size_t device_count;
	const struct image_job *jobs;
	size_t job_count;
};

extern const struct image image;

/* Exit statuses of an image. */
enum {
	IMAGE_EXIT_SUCCESS = 0,
	IMAGE_EXIT_FAILURE = 1,   /* a device did not connect, or a job returned an error */
	IMAGE_EXIT_HELP = 63,     /* --help or --version was given */
	IMAGE_EXIT_ARGUMENT = 64, /* a bad argument */
};

/*
 * Run an image on a target and return its exit status: parse argv[1..], set log thresholds, wait
 * for --delay, connect the devices in order, run each job as a fiber of one scope (an error in one
 * cancels the others), disconnect in reverse order, run the exit hooks.
 *
 * A job that returns a negative errno value makes the status IMAGE_EXIT_FAILURE and is logged; one
 * that returns 1..255 makes it that value.
 */
must_check int image_run(const struct image *image, const struct target *target, int argc,
                         const char *const argv[]);

#endif
