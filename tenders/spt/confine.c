/* SPDX-License-Identifier: ISC */
/*
 * What an image may ask of the kernel. The list is that of abi/spt.h; calls that move data stand
 * first, because the kernel reads from the top. One more is our own (abi/spt_extension.h).
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "abi/spt.h"
#include "tenders/seccomp/filter.h"
#include "tenders/spt/spt.h"

#ifdef __x86_64__
#include <asm/prctl.h>
#endif

enum {
	/* Two calls for each device, and the fixed ones. */
	RULES_MAX = 2 * SOLO5_MANIFEST_ENTRIES_MAX + 16,
};

struct rules {
	struct filter_rule list[RULES_MAX];
	size_t count;
};

static void allow(struct rules *rules, struct filter_rule rule)
{
	rules->list[rules->count++] = rule;
}

/* `call` with its first argument, an int, being `value`. */
static void allow_for(struct rules *rules, uint32_t call, int value)
{
	allow(rules, (struct filter_rule){ call, 1, { { 0, FILTER_INT, (uint32_t)value } } });
}

/* read() or write() of frames. */
static void allow_frames(struct rules *rules, uint32_t call, const struct manifest *manifest)
{
	for (size_t i = 1; i < manifest->entry_count; i++) {
		if (manifest->entries[i].type == SOLO5_DEVICE_NET_BASIC)
			allow_for(rules, call, manifest->entries[i].descriptor);
	}
}

/* pread64() or pwrite64() of single blocks within the device. */
static void allow_blocks(struct rules *rules, uint32_t call, const struct manifest *manifest)
{
	for (size_t i = 1; i < manifest->entry_count; i++) {
		const struct solo5_manifest_entry *entry = &manifest->entries[i];

		if (entry->type != SOLO5_DEVICE_BLOCK_BASIC)
			continue;
		allow(rules, (struct filter_rule){
				     call,
				     3,
				     { { 0, FILTER_INT, (uint32_t)entry->descriptor },
		                       { 2, FILTER_EQUAL, entry->block.block_size },
		                       { 3, FILTER_AT_MOST,
		                         entry->block.capacity - entry->block.block_size } } });
	}
}

static void allow_always(struct rules *rules, const struct readiness *readiness)
{
	allow_for(rules, SYS_clock_gettime, CLOCK_MONOTONIC);
	allow_for(rules, SYS_clock_gettime, CLOCK_REALTIME);
	/* Without a signal mask: the image must not decide which signals reach the tender. */
	allow(rules,
	      (struct filter_rule){ SYS_epoll_pwait,
	                            2,
	                            { { 0, FILTER_INT, (uint32_t)readiness->epoll_descriptor },
	                              { 4, FILTER_EQUAL, 0 } } });
	allow_for(rules, SYS_timerfd_settime, readiness->timer_descriptor);
	allow(rules,
	      (struct filter_rule){ SYS_epoll_ctl,
	                            2,
	                            { { 0, FILTER_INT, (uint32_t)readiness->epoll_descriptor },
	                              { 1, FILTER_INT, EPOLL_CTL_DEL } } });
#ifdef __x86_64__
	allow_for(rules, SYS_arch_prctl, ARCH_SET_FS);
#endif
	allow(rules, (struct filter_rule){ .call = SYS_exit_group });
}

int spt_confine(struct launch *launch)
{
	const struct manifest *manifest = &launch->manifest;
	struct rules rules = { .count = 0 };
	struct filter filter;

	allow_frames(&rules, SYS_read, manifest);
	allow_frames(&rules, SYS_write, manifest);
	allow_for(&rules, SYS_write, STDOUT_FILENO);
	allow_blocks(&rules, SYS_pread64, manifest);
	allow_blocks(&rules, SYS_pwrite64, manifest);
	allow_always(&rules, &launch->readiness);

	if (filter_compile(&filter, rules.list, rules.count) != 0)
		return reason_set(&launch->reason, -E2BIG,
		                  "Too many devices for one filter of system calls");
	return filter_install(&filter, false, &launch->reason);
}
