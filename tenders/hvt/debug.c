/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenders/hvt/core_dump.h"
#include "tenders/hvt/gdb_server.h"

enum {
	ABORTED = 255, /* the exit status that leaves a core */
	CORE_PAGE = 4096,
};

const char *debug_program(void)
{
	return "solo5-hvt-debug";
}

bool debug_confines(void)
{
	return false;
}

static int apply_gdb(void *state, const struct option_argument *argument, struct reason *reason)
{
	struct debug *debug = state;

	(void)argument;
	(void)reason;
	debug->gdb = true;
	return 0;
}

static int apply_port(void *state, const struct option_argument *argument, struct reason *reason)
{
	struct debug *debug = state;
	uint64_t port;

	if (options_number(argument->value, UINT16_MAX, &port) != 0)
		return reason_set(reason, -EINVAL, "Malformed argument to --gdb-port");
	debug->port = (uint16_t)port;
	return 0;
}

/* Better now than when there is something to write. */
static int apply_directory(void *state, const struct option_argument *argument,
                           struct reason *reason)
{
	struct debug *debug = state;
	struct stat status;

	if (stat(argument->value, &status) != 0)
		return reason_set(reason, -errno, "--dumpcore: %s: %s", argument->value,
		                  strerror(errno));
	if (!S_ISDIR(status.st_mode) || access(argument->value, W_OK) != 0)
		return reason_set(reason, -EACCES, "--dumpcore: %s: no directory to write to",
		                  argument->value);
	debug->core_directory = argument->value;
	return 0;
}

static const struct option gdb_table[] = {
	{ "gdb", OPTION_FLAG, NULL, "wait for gdb on 127.0.0.1 before starting", apply_gdb },
	{ "gdb-port", OPTION_VALUE, "N", "its TCP port (1234)", apply_port },
};

static const struct option core_table[] = {
	{ "dumpcore", OPTION_VALUE, "DIR", "leave a core file in DIR if the image aborts",
	  apply_directory },
};

size_t debug_init(struct debug *debug, struct option_module modules[DEBUG_MODULES_MAX])
{
	*debug = (struct debug){ .port = DEBUG_PORT_DEFAULT };
	modules[0] = (struct option_module){ "gdb", gdb_table,
		                             sizeof(gdb_table) / sizeof(gdb_table[0]), debug };
	modules[1] = (struct option_module){ "dumpcore", core_table,
		                             sizeof(core_table) / sizeof(core_table[0]), debug };
	return DEBUG_MODULES_MAX;
}

int debug_start(struct debug *debug, const struct vm *vm, struct hypercalls *hypercalls,
                struct reason *reason)
{
	if (!debug->gdb)
		return 0;
	hypercalls->poll_interruptible = true;
	return gdb_server_start(&debug->server, debug->port, vm, &hypercalls->memory, reason);
}

int debug_stopped(struct debug *debug, const struct vm *vm, enum vcpu_stop stop,
                  struct reason *reason)
{
	if (debug->server == NULL)
		return stop == VCPU_STOP_HALT ? vcpu_unhandled(vm, reason) : 0;
	return gdb_server_stopped(debug->server, stop, reason);
}

static void dump_core(const struct debug *debug, const struct vm *vm,
                      const struct hypercalls *hypercalls)
{
	struct core_dump dump = {
		.memory = vm->memory,
		.size = hypercalls->memory.size,
		.cookie = hypercalls->has_cookie ? &hypercalls->cookie : NULL,
	};
	char path[PATH_MAX];
	uint64_t dumped;

	int length = snprintf(path, sizeof(path), "%s/core.solo5-hvt.%d", debug->core_directory,
	                      (int)getpid());
	if (length < 0 || (size_t)length >= sizeof(path)) {
		report_line(debug_program(), "dumpcore: the path is too long");
		return;
	}
	report_line(debug_program(), "dumpcore: dumping guest core to: %s", path);
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (descriptor < 0 || ioctl(vm->processor, KVM_GET_REGS, &dump.general) != 0 ||
	    ioctl(vm->processor, KVM_GET_SREGS, &dump.special) != 0) {
		report_line(debug_program(), "dumpcore: %s: %s", path, strerror(errno));
		return;
	}
	int error = core_dump_write(&dump, descriptor, &dumped);
	if (close(descriptor) != 0 && error == 0)
		error = -errno;
	if (error != 0)
		report_line(debug_program(), "dumpcore: %s: %s", path, strerror(-error));
	else
		report_line(debug_program(),
		            "dumpcore: dumped %" PRIu64 " pages of total %" PRIu64 " pages", dumped,
		            dump.size / CORE_PAGE);
}

void debug_ended(struct debug *debug, const struct vm *vm, const struct hypercalls *hypercalls,
                 bool failed)
{
	if (failed && debug->server != NULL)
		gdb_server_failed(debug->server);
	if (!failed && hypercalls->exit_status == ABORTED && debug->core_directory != NULL)
		dump_core(debug, vm, hypercalls);
	if (debug->server != NULL)
		gdb_server_ended(debug->server, failed ? 1 : hypercalls->exit_status);
}
