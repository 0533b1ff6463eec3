/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/debug.h"

const char *debug_program(void)
{
	return "solo5-hvt";
}

bool debug_confines(void)
{
	return true;
}

size_t debug_init(struct debug *debug, struct option_module modules[DEBUG_MODULES_MAX])
{
	(void)modules;
	*debug = (struct debug){ .gdb = false };
	return 0;
}

int debug_start(struct debug *debug, const struct vm *vm, struct hypercalls *hypercalls,
                struct reason *reason)
{
	(void)debug;
	(void)vm;
	(void)hypercalls;
	(void)reason;
	return 0;
}

int debug_stopped(struct debug *debug, const struct vm *vm, enum vcpu_stop stop,
                  struct reason *reason)
{
	(void)debug;
	return stop == VCPU_STOP_HALT ? vcpu_unhandled(vm, reason) : 0;
}

void debug_ended(struct debug *debug, const struct vm *vm, const struct hypercalls *hypercalls,
                 bool failed)
{
	(void)debug;
	(void)vm;
	(void)hypercalls;
	(void)failed;
}
