/* SPDX-License-Identifier: ISC */
/*
 * solo5-spt: runs an image inside this very process, after giving up everything but what the
 * image's devices need. From spt_enter() on, none of the code here runs again.
 */
#include "abi/spt.h"
#include "abi/solo5_note.h"
#include "tenders/spt/spt.h"

struct spt_options {
	bool executable_heap;
};

static int apply_executable_heap(void *state, const struct option_argument *argument,
                                 struct reason *reason)
{
	struct spt_options *options = state;

	(void)argument;
	(void)reason;
	options->executable_heap = true;
	return 0;
}

static const struct option spt_table[] = {
	{ "x-exec-heap", OPTION_FLAG, NULL, "make heap and stack executable",
	  apply_executable_heap },
};

/* Everything that may fail. */
static int prepare(struct launch *launch, const struct spt_options *options,
                   struct spt_start *start)
{
	uint64_t memory_size = launch->core.memory_mib << 20;
	struct executable_plan plan;

	int error = spt_memory_load(launch, memory_size, options->executable_heap, &plan);
	if (error != 0)
		return error;
	spt_boot_write(launch, memory_size, &plan);
	launch_close_descriptors(launch, NULL, 0);
	launch_forget_environment();
	start->entry = plan.entry;
	start->stack = memory_size - 8;
	start->boot = SPT_BOOT;
	spt_trap_prepare(memory_size, &plan);
	return spt_confine(launch);
}

int main(int argc, char **argv)
{
	static const struct tender tender = { "solo5-spt", SOLO5_TARGET_SPT, SPT_ABI_VERSION };
	struct spt_options options = { .executable_heap = false };
	struct spt_start start;
	struct launch launch;

	launch_init(&launch, &tender);
	const struct option_module modules[] = {
		core_options_module(&launch.core),
		{ NULL, spt_table, sizeof(spt_table) / sizeof(spt_table[0]), &options },
		net_options_module(&launch.net),
		block_options_module(&launch.block),
	};
	int status =
		launch_prepare(&launch, modules, sizeof(modules) / sizeof(modules[0]), argc, argv);
	if (status != LAUNCH_GO)
		return status;
	if (prepare(&launch, &options, &start) != 0)
		return launch_fail(&launch);
	spt_enter(start.entry, start.stack, start.boot);
}
