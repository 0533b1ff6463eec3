// SPDX-License-Identifier: ISC
/* What config.c asks about its surroundings, what it registers, and how it ends. */
#include "config/evaluation.h"
#include "config/graph.h"

#include <mirage/arguments_scan.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The tool reads the result here, so that config.c may print what it likes. */
#define RESULT_DESCRIPTOR 3

static const char *target_name;
static int given_count;
static const char *const *given_options;
static json_t *environment_read;
static json_t *registered;

void evaluation_begin(const char *target, int option_count, const char *const options[])
{
	target_name = target;
	given_count = option_count;
	given_options = options;
	environment_read = json_object();
}

void evaluation_finish(json_t *document, int status)
{
	if (json_dumpfd(document, RESULT_DESCRIPTOR, JSON_COMPACT) != 0) {
		fprintf(stderr, "config.c is evaluated by `mirage`, not run by itself\n");
		exit(1);
	}
	json_decref(document);
	exit(status);
}

void config_fail_at(struct location here, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	evaluation_finish(json_pack("{s:{s:s, s:o}}", "error", "message", message, "location",
	                            location_to_json(here)),
	                  1);
}

const char *evaluation_option(const char *names, bool is_flag)
{
	return arguments_scan(given_count, given_options, names, is_flag);
}

const char *get_target(void)
{
	return target_name;
}

enum mode get_mode(void)
{
	static const char *const names[] = {
		[MODE_UNIX] = "unix", [MODE_MACOSX] = "macosx", [MODE_HVT] = "hvt",
		[MODE_SPT] = "spt",   [MODE_VIRTIO] = "virtio", [MODE_MUEN] = "muen",
		[MODE_XEN] = "xen",   [MODE_QUBES] = "qubes",   [MODE_JS] = "js",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], target_name) == 0)
			return (enum mode)i;
	config_fail_at((struct location){ "", 0 }, "target '%s' has no mode", target_name);
}

const char *environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	json_object_set_new(environment_read, name, text_to_json(value));
	return value != NULL ? value : otherwise;
}

json_t *environment_to_json(void)
{
	return json_incref(environment_read);
}

struct job_list config_one_job(job_impl *job)
{
	job_impl **jobs = calloc(2, sizeof(*jobs));

	if (jobs == NULL)
		abort();
	jobs[0] = job;
	return (struct job_list){ .jobs = jobs };
}

struct job_list config_job_list(struct job_list jobs)
{
	return jobs;
}

void register_unikernel_at(struct location here, const char *name, struct job_list jobs,
                           const struct unikernel *unikernel)
{
	static const char *const default_sources[] = { "unikernel.c", NULL };
	json_t *ids = json_array();

	if (registered != NULL)
		config_fail_at(here, "register_unikernel() was already called: one config.c makes "
		                     "one unikernel, with several JOBS() if need be");
	for (size_t i = 0; jobs.jobs[i] != NULL; i++)
		json_array_append_new(ids, json_integer(((struct impl *)jobs.jobs[i])->id));
	registered = complete(json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", text_to_json(name),
		"jobs", ids, "location", location_to_json(here), "sources",
		texts_to_json(unikernel->sources != NULL ? unikernel->sources : default_sources),
		"libraries", texts_to_json(unikernel->libraries), "packages",
		packages_to_json(unikernel->packages), "rules", rules_to_json(unikernel->rules),
		"install", texts_to_json(unikernel->install), "compile_flags",
		texts_to_json(unikernel->compile_flags), "link_flags",
		texts_to_json(unikernel->link_flags)));
}

json_t *unikernel_to_json(void)
{
	return json_incref(registered);
}
