/* SPDX-License-Identifier: ISC */
/*
 * What solo5-hvt-debug has and solo5-hvt has not: a server for gdb and core dumps, and no
 * confinement, since both need more than a confined tender may do.
 *
 * Implemented twice, by debug.c and by debug_none.c; a tender is linked with one of them.
 */
#ifndef TENDERS_HVT_DEBUG_H
#define TENDERS_HVT_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/hvt/guest_memory.h"
#include "tenders/hvt/hypercall.h"
#include "tenders/hvt/vcpu.h"
#include "tenders/hvt/vm.h"
#include "tenders/options/options.h"
#include "tenders/report/reason.h"

enum {
	DEBUG_MODULES_MAX = 2,
	DEBUG_PORT_DEFAULT = 1234,
};

struct gdb_server;

struct debug {
	bool gdb;                   /* --gdb */
	uint16_t port;              /* --gdb-port=N */
	const char *core_directory; /* --dumpcore=DIR, or NULL */
	struct gdb_server *server;
};

/* The name this tender goes by. */
const char *debug_program(void);

/* Whether the tender gives up what it does not need before the guest runs. */
bool debug_confines(void);

/* Set defaults, and put the tables of options into `modules`. Returns how many. */
size_t debug_init(struct debug *debug, struct option_module modules[DEBUG_MODULES_MAX]);

/* Before the guest's first instruction: wait for gdb if --gdb was given. */
must_check int debug_start(struct debug *debug, const struct vm *vm, struct hypercalls *hypercalls,
                           struct reason *reason);

/*
 * The guest stopped for a reason that may be the debugger's, or a signal came. 0: go on. -EFAULT:
 * it cannot.
 */
must_check int debug_stopped(struct debug *debug, const struct vm *vm, enum vcpu_stop stop,
                             struct reason *reason);

/* The guest has ended, with its own exit status or, `failed`, because it could not go on. */
void debug_ended(struct debug *debug, const struct vm *vm, const struct hypercalls *hypercalls,
                 bool failed);

#endif
