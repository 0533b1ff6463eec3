// SPDX-License-Identifier: ISC
/* mirage doctor: what this machine can build and run, and how to mend what it cannot. */
#include "cli/command.h"
#include "cli/targets.h"
#include "engine/compile.h"
#include "engine/process.h"
#include "engine/target.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct requirement {
	const char *program;
	const char *purpose;
	const char *package;
	bool optional;
};

static const struct requirement requirements[] = {
	{ "gcc", "compile config.c and images", "gcc libc6-dev", false },
	{ "make", "build", "make", false },
	{ "nm", "check start functions", "binutils", false },
	{ "strip", "make the result small", "binutils", false },
	{ "objdump", "check images for hvt and spt", "binutils", false },
	{ "addr2line", "name the source of what is wrong in them", "binutils", false },
	{ "dpkg-query", "know which packages are installed", "dpkg", false },
	{ "apt-get", "install packages", "apt", true },
	{ "pkg-config", "use packages that have a .pc file", "pkg-config", true },
	{ "dot", "draw `mirage describe --svg`", "graphviz", true },
	{ "gdb", "debug images (`mirage run --gdb`)", "gdb", true },
	{ "ip", "make network interfaces (`mirage run`)", "iproute2", true },
	{ NULL, NULL, NULL, false },
};

static const struct argument options[] = {
	{ .names = "json", .type = ARGUMENT_FLAG, .doc = "Print the findings as JSON." },
	{ .names = NULL },
};

static bool installation_complete(char missing[], size_t size)
{
	static const char *const files[] = { "include/mirage/config.h",
		                             "lib/mirage/libmirage-config.a",
		                             "lib/mirage/unix/libmirage-runtime.a", NULL };
	struct installation installation;

	if (installation_find(&installation) != 0)
		return false;
	for (size_t i = 0; files[i] != NULL; i++) {
		snprintf(missing, size, "%.4000s/%s", installation.root, files[i]);
		if (access(missing, R_OK) != 0)
			return false;
	}
	return true;
}

static void print_line(bool good, bool optional, const char *name, const char *text)
{
	printf("%-8s %-12s %s\n", good ? "ok" : optional ? "optional" : "MISSING", name, text);
}

static bool tender_found(const struct installation *installation, const char *target)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/bin/solo5-%s", installation->root, target);
	return access(path, X_OK) == 0 || process_exists(strrchr(path, '/') + 1);
}

static bool kvm_usable(void)
{
	return access("/dev/kvm", R_OK | W_OK) == 0;
}

/* What keeps images for a target from being built or run here; NULL: nothing. */
static const char *obstacle(const struct installation *installation,
                            const struct target_description *target)
{
	if (!target->supported)
		return "not supported by this build";
	if (!target_installed(installation, target->name))
		return "its libraries are not here: run `make` in the source tree of mirage";
	if (target_kind(target->name) == TARGET_HOSTED)
		return NULL;
	if (!tender_found(installation, target->name))
		return "can be built here; its tender is neither beside mirage nor in PATH";
	if (strcmp(target->name, "hvt") == 0 && !kvm_usable())
		return "can be built here, but not run: /dev/kvm cannot be used";
	return NULL;
}

static void print_targets(void)
{
	struct installation installation;

	if (installation_find(&installation) != 0)
		return;
	for (const struct target_description *t = target_descriptions; t->name != NULL; t++) {
		const char *text = obstacle(&installation, t);

		printf("%-8s %-12s %s\n", text == NULL ? "target" : "-", t->name,
		       text == NULL ? "can be built and run here" : text);
	}
}

static int print_findings(void)
{
	char missing[4200], text[512];
	int status = EXIT_OK;

	for (const struct requirement *r = requirements; r->program != NULL; r++) {
		bool found = process_exists(r->program);

		snprintf(text, sizeof(text), "%s%s%s", r->purpose,
		         found ? "" : ": apt-get install ", found ? "" : r->package);
		print_line(found, r->optional, r->program, text);
		if (!found && !r->optional)
			status = EXIT_ERROR;
	}
	bool complete = installation_complete(missing, sizeof(missing));
	print_line(complete, false, "mirage",
	           complete ? "its headers and libraries are beside it" : missing);
	if (!complete) {
		puts("         run `make` (or `make install`) in the source tree of mirage");
		status = EXIT_ERROR;
	}
	puts("");
	print_targets();
	printf("\n%s\n",
	       kvm_usable()
	               ? "/dev/kvm can be used"
	               : "/dev/kvm cannot be used: KVM guests (target hvt) would not run here");
	return status;
}

static int print_json(void)
{
	json_t *programs = json_array(), *targets = json_array();
	struct installation installation;
	char missing[4200];
	int status = EXIT_OK;

	if (installation_find(&installation) != 0)
		return EXIT_ERROR;

	for (const struct requirement *r = requirements; r->program != NULL; r++) {
		bool found = process_exists(r->program);

		json_array_append_new(programs,
		                      json_pack("{s:s, s:b, s:b, s:s, s:s}", "program", r->program,
		                                "found", (int)found, "optional", (int)r->optional,
		                                "purpose", r->purpose, "packages", r->package));
		if (!found && !r->optional)
			status = EXIT_ERROR;
	}
	for (const struct target_description *t = target_descriptions; t->name != NULL; t++)
		json_array_append_new(targets, json_pack("{s:s, s:b, s:s?}", "target", t->name,
		                                         "supported", (int)t->supported, "obstacle",
		                                         obstacle(&installation, t)));
	bool complete = installation_complete(missing, sizeof(missing));
	json_t *document = json_pack("{s:s, s:b, s:o, s:o, s:b}", "version", MIRAGE_VERSION,
	                             "installation_complete", (int)complete, "programs", programs,
	                             "targets", targets, "kvm", (int)kvm_usable());
	json_dumpf(document, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(document);
	return complete ? status : EXIT_ERROR;
}

static int run_doctor(struct invocation *invocation)
{
	return invocation_flag(invocation, "json") ? print_json() : print_findings();
}

const struct command doctor_command = {
	.name = "doctor",
	.summary = "say what this machine can build and run",
	.description = "Looks for the programs and files that mirage uses and says which command "
		       "installs what is missing. Ends with 1 if something necessary is.",
	.options = options,
	.run = run_doctor,
};
