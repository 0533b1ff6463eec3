// SPDX-License-Identifier: ISC
/* mirage run: build, then become the unikernel, or its tender. */
#include "cli/make.h"
#include "cli/pages.h"
#include "cli/project.h"
#include "cli/run_command.h"
#include "engine/file.h"
#include "engine/target.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICES "DEVICES OF THE IMAGE"
#define PORT    "1234"

static const struct argument options[] = {
	{ .names = "gdb",
	  .type = ARGUMENT_FLAG,
	  .doc = "Run it under gdb with its symbols, stopped where its first job starts." },
	{ .names = "gdb-port",
	  .type = ARGUMENT_INT,
	  .minimum = 1,
	  .maximum = 65535,
	  .value = PORT,
	  .placeholder = "PORT",
	  .doc = "The TCP port on which gdb and the hvt tender meet." },
	{ .names = "mem",
	  .type = ARGUMENT_INT,
	  .minimum = 1,
	  .maximum = 1 << 20,
	  .placeholder = "N",
	  .section = DEVICES,
	  .doc = "Memory of the image in MiB. The default is the tender's: 512." },
	/* Rows for the manual: names of devices are those of the project's manifest. */
	{ .names = "net:NAME",
	  .placeholder = "INTERFACE",
	  .section = DEVICES,
	  .doc = "Attach the network device NAME to this tap interface. The default is one called "
	         "NAME, or if that has more than 15 letters, its beginning and a number. One that "
	         "is missing is made if you are root, and removed at the end." },
	{ .names = "net-mac:NAME",
	  .placeholder = "ADDRESS",
	  .section = DEVICES,
	  .doc = "Its Ethernet address. The default is a random one." },
	{ .names = "block:NAME",
	  .placeholder = "FILE",
	  .section = DEVICES,
	  .doc = "Attach the block device NAME to this file or disk. The default is NAME.img, or "
	         "dist/NAME.img." },
	{ .names = "block-sector-size:NAME",
	  .placeholder = "BYTES",
	  .section = DEVICES,
	  .doc = "Its sector size. The default is 512." },
	{ .names = NULL },
};

struct run {
	const struct invocation *invocation;
	struct installation installation;
	struct device_options devices;
	struct words command; /* the image's, or its tender's */
	struct taps taps;
	char *result; /* dist/hello.hvt */
	char *target;
	char *start; /* functions that the jobs call */
};

static bool is_dry(const struct run *run)
{
	return invocation_flag(run->invocation, "dry-run");
}

/* What mirage/build.mk says that was built. */
static int find_result(struct run *run)
{
	char *folder = build_variable("B");

	run->result = build_variable("RESULT");
	run->start = build_variable("START");
	if (folder != NULL && strncmp(folder, "_build/", 7) == 0)
		run->target = strdup(folder + 7);
	free(folder);
	if (run->result != NULL && run->start != NULL && run->target != NULL)
		return 0;
	return diagnostic_failure("run `mirage configure`", "mirage/build.mk is damaged");
}

/* The tender beside mirage, else the one in PATH. */
static void add_tender(struct run *run, const char *suffix)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/bin/solo5-%s%s", run->installation.root, run->target,
	         suffix);
	words_add(&run->command, "%s", access(path, X_OK) == 0 ? path : strrchr(path, '/') + 1);
}

static int compose_solo5(struct run *run)
{
	const struct invocation *invocation = run->invocation;
	const char *memory = invocation_text(invocation, "mem");
	bool debugged = invocation_flag(invocation, "gdb") && strcmp(run->target, "hvt") == 0;

	add_tender(run, debugged ? "-debug" : "");
	if (debugged) {
		words_add(&run->command, "--gdb");
		words_add(&run->command, "--gdb-port=%s", invocation_text(invocation, "gdb-port"));
	}
	if (memory != NULL)
		words_add(&run->command, "--mem=%s", memory);
	run->taps.dry_run = is_dry(run);
	int error = devices_attach(&run->devices, &run->command, &run->taps);
	if (error != 0)
		return error;
	words_add(&run->command, "--");
	words_add(&run->command, "%s", run->result);
	for (size_t i = 0; i < invocation->operand_count; i++)
		words_add_image_argument(&run->command, invocation->operands[i]);
	return 0;
}

static int compose_hosted(struct run *run)
{
	const struct invocation *invocation = run->invocation;

	if (run->devices.count > 0 || invocation_text(invocation, "mem") != NULL)
		return diagnostic_failure("options of the image come after `--`",
		                          "target %s has no tender that could attach devices or "
		                          "give memory",
		                          run->target);
	words_add(&run->command,
	          invocation_flag(invocation, "gdb") ? "_build/%s/image.debug" : "%s",
	          invocation_flag(invocation, "gdb") ? run->target : run->result);
	for (size_t i = 0; i < invocation->operand_count; i++)
		words_add(&run->command, "%s", invocation->operands[i]);
	return 0;
}

/* `-ex` and a break point at each start function. */
static void add_breakpoints(const struct run *run, struct words *gdb, const char *command)
{
	char *list = strdup(run->start);

	for (char *save = NULL, *name = list != NULL ? strtok_r(list, " ", &save) : NULL;
	     name != NULL; name = strtok_r(NULL, " ", &save)) {
		words_add(gdb, "-ex");
		words_add(gdb, "%s %s", command, name);
	}
	free(list);
}

static void add_gdb_command(struct words *gdb, const char *command)
{
	words_add(gdb, "-ex");
	words_add(gdb, "%s", command);
}

/* gdb's own command line; the tender of a KVM guest runs beside it. */
static void compose_gdb(const struct run *run, struct words *gdb)
{
	words_add(gdb, "gdb");
	words_add(gdb, "-q");
	/* Without it gdb 13 does not find functions that were inlined at link time. */
	words_add(gdb, "-readnow");
	if (strcmp(run->target, "hvt") == 0) {
		words_add(gdb, "-ex");
		words_add(gdb, "target remote 127.0.0.1:%s",
		          invocation_text(run->invocation, "gdb-port"));
		add_breakpoints(run, gdb, "break");
		add_gdb_command(gdb, "continue");
		words_add(gdb, "_build/hvt/image.debug");
		return;
	}
	if (strcmp(run->target, "spt") == 0) {
		/* The tender maps the image to the addresses that it was linked for, but not yet: there
		   is nowhere to write a break point to. */
		add_gdb_command(gdb, "set confirm off");
		add_gdb_command(gdb, "add-symbol-file _build/spt/image.debug -readnow");
		add_gdb_command(gdb, "starti");
		add_breakpoints(run, gdb, "hbreak");
		add_gdb_command(gdb, "continue");
	} else {
		add_breakpoints(run, gdb, "break");
		add_gdb_command(gdb, "run");
	}
	words_add(gdb, "--args");
	for (size_t i = 0; i < run->command.count; i++)
		words_add(gdb, "%s", run->command.items[i]);
}

static int debug(struct run *run)
{
	struct words gdb = { .count = 0 };
	bool remote = strcmp(run->target, "hvt") == 0;
	pid_t tender = -1, debugger = -1;
	int status = EXIT_ERROR;

	compose_gdb(run, &gdb);
	if (is_dry(run)) {
		if (remote)
			words_print(&run->command, "* run beside gdb:");
		words_print(&gdb, "* run");
		words_free(&gdb);
		return EXIT_OK;
	}
	/* Ctrl-C is gdb's, so the tender is not in the terminal's group. */
	bool ready = !remote || program_start(&run->command, true, &tender) == 0;
	/* gdb would try to reach one that has said what is wrong and ended. */
	if (tender > 0 && program_ends_at_once(tender, &status)) {
		ready = false;
		tender = -1;
	}
	if (ready && program_start(&gdb, false, &debugger) == 0)
		status = program_wait(debugger);
	if (tender > 0) {
		kill(tender, SIGTERM);
		program_wait(tender);
	}
	words_free(&gdb);
	return status;
}

static int execute(struct run *run)
{
	pid_t pid = -1;

	if (invocation_flag(run->invocation, "gdb"))
		return debug(run);
	if (is_dry(run)) {
		words_print(&run->command, "* run");
		return EXIT_OK;
	}
	if (run->taps.count == 0)
		return words_become(&run->command);
	return program_start(&run->command, false, &pid) == 0 ? program_wait(pid) : EXIT_ERROR;
}

static int build_and_run(struct run *run)
{
	int status = configure_if_stale(run->invocation);

	if (status == EXIT_OK && !is_dry(run))
		status = make_build(NULL, false, stderr);
	if (status != EXIT_OK)
		return status;
	if (installation_find(&run->installation) != 0 || find_result(run) != 0)
		return EXIT_ERROR;
	int error =
		target_kind(run->target) == TARGET_SOLO5 ? compose_solo5(run) : compose_hosted(run);
	status = error == 0 ? execute(run) : EXIT_ERROR;
	taps_remove(&run->taps);
	return status;
}

static int run_run(struct invocation *invocation)
{
	struct run *run = calloc(1, sizeof(*run));
	const char **argv = calloc((size_t)invocation->argc + 1, sizeof(*argv));
	enum arguments_request request = ARGUMENTS_RUN;
	int status = EXIT_USAGE;

	if (run == NULL || argv == NULL) {
		free(run);
		free(argv);
		return EXIT_BUG;
	}
	memcpy(argv, invocation->argv, (size_t)invocation->argc * sizeof(*argv));
	int argc = device_options_take(&run->devices, invocation->argc, argv);
	if (argc > 0) {
		invocation->argc = argc;
		invocation->argv = argv;
		run->invocation = invocation;
		status = invocation_parse(invocation, NULL, 0, &request);
	}
	if (status == EXIT_OK && request != ARGUMENTS_RUN)
		status = page_for_request(request, invocation->command, NULL);
	else if (status == EXIT_OK)
		status = build_and_run(run);
	words_free(&run->command);
	free(run->result);
	free(run->target);
	free(run->start);
	free(run);
	free(argv);
	return status;
}

const struct command run_command = {
	.name = "run",
	.summary = "build and run the configured unikernel",
	.operands = "[-- ARGUMENT…]",
	.operands_max = INVOCATION_OPERANDS_MAX,
	.description =
		"Builds what is not up to date (saying so on standard error) and runs the result, "
		"with the arguments after `--`. Its exit status is this command's.\n"
		"\n"
		"An image for hvt or spt is started by solo5-hvt or solo5-spt, the one beside "
		"mirage "
		"or else the one in PATH, with everything attached that mirage/manifest.json asks "
		"for.\n"
		"\n"
		"With --gdb, an image for hvt runs under solo5-hvt-debug, which gdb attaches to; "
		"others run under gdb themselves. --dry-run prints the commands.",
	.options = options,
	.in_project = true,
	.parses_itself = true,
	.run = run_run,
};
