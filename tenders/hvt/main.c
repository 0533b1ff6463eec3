/* SPDX-License-Identifier: ISC */
/*
 * solo5-hvt and solo5-hvt-debug: run an image as a KVM guest.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "abi/solo5_note.h"
#include "tenders/hvt/guest.h"

enum {
	CORE_BLOCK_NET_HVT = 4,
};

static int apply_executable_heap(void *state, const struct option_argument *argument,
                                 struct reason *reason)
{
	struct guest *guest = state;

	(void)argument;
	(void)reason;
	guest->executable_heap = true;
	return 0;
}

static const struct option hvt_table[] = {
	{ "x-exec-heap", OPTION_FLAG, NULL, "make heap and stack executable",
	  apply_executable_heap },
};

/* Only what may be called from a signal handler. */
static void exit_on_signal(int number)
{
	static const char words[] = ": Exiting on signal ";
	char line[80];
	size_t used = strlen(debug_program());

	memcpy(line, debug_program(), used);
	memcpy(line + used, words, sizeof(words) - 1);
	used += sizeof(words) - 1;
	if (number >= 10)
		line[used++] = (char)('0' + number / 10 % 10);
	line[used++] = (char)('0' + number % 10);
	line[used++] = '\n';
	error_ignore(write(STDERR_FILENO, line, used) < 0, "there is nowhere else to say it");
	_exit(1);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = exit_on_signal };

	sigfillset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int run(struct guest *guest)
{
	int status = guest_prepare(guest);

	if (status == 0)
		status = debug_start(&guest->debug, &guest->vm, &guest->hypercalls,
		                     &guest->launch.reason);
	if (status == 0)
		status = guest_confine(guest);
	return status == 0 ? guest_run(guest) : status;
}

int main(int argc, char **argv)
{
	const struct tender tender = { debug_program(), SOLO5_TARGET_HVT, HVT_ABI_VERSION };
	struct guest guest = { .executable_heap = false };

	launch_init(&guest.launch, &tender);
	struct option_module modules[CORE_BLOCK_NET_HVT + DEBUG_MODULES_MAX] = {
		core_options_module(&guest.launch.core),
		{ NULL, hvt_table, sizeof(hvt_table) / sizeof(hvt_table[0]), &guest },
		block_options_module(&guest.launch.block),
		net_options_module(&guest.launch.net),
	};
	size_t count = CORE_BLOCK_NET_HVT + debug_init(&guest.debug, modules + CORE_BLOCK_NET_HVT);

	int status = launch_prepare(&guest.launch, modules, count, argc, argv);
	if (status != LAUNCH_GO)
		return status;
	catch_signals();
	status = run(&guest);
	if (status < 0)
		status = launch_fail(&guest.launch);
	/* Without the end of threads and libraries: the filter does not allow for them. */
	_exit(status);
}
