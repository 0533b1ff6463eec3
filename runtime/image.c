/* SPDX-License-Identifier: ISC */
/*
 * Running an image: from its arguments to its exit status.
 *
 * Before the runtime exists only the console is used: usage errors, --help and --version need
 * neither fibers nor a heap. The rest is one main fiber: delay, devices, jobs, devices again.
 */
#include <mirage/image.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/runtime.h>

#include "runtime/console_line.h"
#include "runtime/image_manual.h"
#include "runtime/runtime_object.h"

LOG_SOURCE(log_image, "image");

struct job_run;

/* What the main fiber and the jobs share. */
struct boot {
	const struct image *image;
	struct job_run *runs; /* one per job; not the main fiber's, which may never end */
	int status;           /* of the first job that did not end with 0; a failure wins */
	bool job_failed;      /* and has cancelled the others */
};

/* A job as a fiber's argument. */
struct job_run {
	const struct image_job *job;
	struct boot *boot;
};

static void job_ended(struct boot *boot, const struct image_job *job, int result)
{
	if (result == 0)
		return;
	if (result > 0 && result <= 255) {
		if (boot->status == IMAGE_EXIT_SUCCESS)
			boot->status = result;
		return;
	}
	if (result == -ECANCELED && boot->job_failed)
		return; /* it did as it was told */
	boot->job_failed = true;
	boot->status = IMAGE_EXIT_FAILURE;
	if (result < 0)
		log_error_from(&log_image, "job %s failed: %s", job->name, strerror(-result));
	else
		log_error_from(&log_image, "job %s returned %d, which is no exit status (0 to 255)",
		               job->name, result);
}

static int job_main(void *argument)
{
	const struct job_run *run = argument;
	int result = run->job->start();

	job_ended(run->boot, run->job, result);
	return result < 0 || result > 255 ? -ECANCELED : 0; /* any error cancels the other jobs */
}

/* Start every job in `scope`, or as many as can be had. */
static int jobs_start(struct scope *scope, struct boot *boot)
{
	for (size_t i = 0; i < boot->image->job_count; i++) {
		const struct image_job *job = &boot->image->jobs[i];

		boot->runs[i] = (struct job_run){ .job = job, .boot = boot };
		int result = fiber_start(scope, job->name, job_main, &boot->runs[i]);

		if (result != 0) {
			log_error_from(&log_image, "job %s did not start: %s", job->name,
			               strerror(-result));
			return result;
		}
	}
	return 0;
}

static void jobs_run(struct boot *boot)
{
	struct scope scope;

	scope_open(&scope);
	if (jobs_start(&scope, boot) == 0) {
		error_ignore(scope_wait_all(&scope, NEVER), "each job's result is kept by itself");
	} else {
		boot->job_failed = true;
		boot->status = IMAGE_EXIT_FAILURE;
	}
	scope_close(&scope);
}

/* Disconnect the first `count` devices, newest first. */
static void devices_disconnect(const struct image *self, size_t count)
{
	while (count > 0) {
		count--;
		if (self->devices[count].disconnect != NULL)
			self->devices[count].disconnect();
	}
}

/* Connect all devices; after an error none is connected. */
static int devices_connect(const struct image *self)
{
	for (size_t i = 0; i < self->device_count; i++) {
		const struct image_device *device = &self->devices[i];
		int result = device->connect == NULL ? 0 : device->connect();

		if (result < 0) {
			log_error_from(&log_image, "device %s did not connect: %s", device->name,
			               strerror(-result));
			devices_disconnect(self, i);
			return result;
		}
	}
	return 0;
}

static int main_fiber(void *argument)
{
	struct boot *boot = argument;
	const struct image *self = boot->image;
	const struct argument_value *delay = &self->values[IMAGE_ARGUMENT_DELAY];

	if (delay->present)
		error_ignore(fiber_sleep(delay->duration), "nothing cancels the main fiber");
	if (devices_connect(self) != 0)
		return IMAGE_EXIT_FAILURE;
	jobs_run(boot);
	devices_disconnect(self, self->device_count);
	return boot->status;
}

static int bad_argument(const struct image *self, const struct target *target, const char *sentence)
{
	console_line(target, "%s: %s\nTry '%s --help' for more information.", self->name, sentence,
	             self->name);
	return IMAGE_EXIT_ARGUMENT;
}

/* Say of the threshold list of --logs that `bad` is wrong with it. */
static int bad_logs(const struct image *self, const struct target *target, const char *bad)
{
	struct arguments_error error;

	error_ignore(snprintf(error.text, sizeof(error.text),
	                      "option '--logs': '%.*s' is not LEVEL, *:LEVEL or SOURCE:LEVEL, "
	                      "LEVEL being quiet, error, warning, info or debug",
	                      (int)strcspn(bad, ",") > 64 ? 64 : (int)strcspn(bad, ","), bad) < 0,
	             "no conversion in it can fail");
	return bad_argument(self, target, error.text);
}

static int cannot_run(const struct image *self, const struct target *target, int result)
{
	console_line(target, "%s: %s", self->name, strerror(-result));
	return IMAGE_EXIT_FAILURE;
}

static int boot_run(struct boot *boot, struct runtime *runtime)
{
	const struct argument_value *logs = &boot->image->values[IMAGE_ARGUMENT_LOGS];
	const char *bad;

	runtime->image = boot->image;
	if (logs->present)
		error_ignore(log_configure(runtime, logs->string, &bad), "it has been checked");
	return runtime_run(runtime, main_fiber, boot);
}

/* Run an image whose arguments are parsed and good. */
static int image_boot(const struct image *self, const struct target *target)
{
	struct boot boot = { .image = self, .status = IMAGE_EXIT_SUCCESS };
	struct runtime *runtime;
	int result = runtime_new(&runtime, target, NULL);

	if (result != 0)
		return cannot_run(self, target, result);
	boot.runs = calloc(self->job_count + 1, sizeof(*boot.runs));
	result = boot.runs == NULL ? -ENOMEM : boot_run(&boot, runtime);
	runtime_free(runtime);
	free(boot.runs);
	if (result == -EDEADLK) /* the log names the fibers */
		return IMAGE_EXIT_FAILURE;
	return result < 0 ? cannot_run(self, target, result) : result;
}

/* Do what the arguments ask for; the values are filled if it is to run. */
static int image_serve(const struct image *self, const struct target *target,
                       enum arguments_request request)
{
	const struct argument_value *logs = &self->values[IMAGE_ARGUMENT_LOGS];
	const char *bad;

	switch (request) {
	case ARGUMENTS_HELP:
		image_manual_write(self, target);
		return IMAGE_EXIT_HELP;
	case ARGUMENTS_VERSION:
		console_line(target, "%s %s", self->name, self->version);
		return IMAGE_EXIT_HELP;
	case ARGUMENTS_RUN:
	default:
		if (logs->present && log_configure(NULL, logs->string, &bad) != 0)
			return bad_logs(self, target, bad);
		return image_boot(self, target);
	}
}

int image_run(const struct image *self, const struct target *target, int argc,
              const char *const argv[])
{
	struct arguments_error error;
	enum arguments_request request;
	int result = arguments_parse(self->arguments, self->argument_count, self->values, argc,
	                             argv, NULL, NULL, 0, NULL, &request, &error);

	if (result == -EINVAL)
		return bad_argument(self, target, error.text);
	if (result != 0)
		return cannot_run(self, target, result);
	int status = image_serve(self, target, request);

	arguments_free(self->values, self->argument_count);
	return status;
}
