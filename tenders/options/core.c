/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "tenders/options/options.h"

enum {
	MEMORY_MIB_MAX = 1 << 27, /* 128 TiB: more than a process can have */
};

static int apply_memory(void *state, const struct option_argument *argument, struct reason *reason)
{
	struct core_options *core = state;

	if (options_number(argument->value, MEMORY_MIB_MAX, &core->memory_mib) != 0)
		return reason_set(reason, -EINVAL, "Malformed argument to --mem");
	return 0;
}

/* These two end the tender before any option is applied. */
static int apply_nothing(void *state, const struct option_argument *argument, struct reason *reason)
{
	(void)state;
	(void)argument;
	(void)reason;
	return 0;
}

static const struct option options[] = {
	{ "mem", OPTION_VALUE, "N", "memory of the image in MiB (512)", apply_memory },
	{ "help", OPTION_FLAG, NULL, "show this text", apply_nothing },
	{ "version", OPTION_FLAG, NULL, "show the version of tender and ABI", apply_nothing },
};

struct option_module core_options_module(struct core_options *state)
{
	return (struct option_module){ "core", options, sizeof(options) / sizeof(options[0]),
		                       state };
}
