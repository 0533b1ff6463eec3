/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tenders/seccomp/filter.h"

enum {
	/* Two calls for each device, and the fixed ones. */
	RULES_MAX = 2 * SOLO5_MANIFEST_ENTRIES_MAX + 16,
};

struct rules {
	struct filter_rule list[RULES_MAX];
	size_t count;
};

/* The bounding set stays: it matters to programs that are run, and none can be. */
int confine_capabilities(struct reason *reason)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

	error_ignore(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0,
	             "capset() empties the ambient set too");
	memset(none, 0, sizeof(none));
	if (syscall(SYS_capset, &header, none) != 0)
		return reason_set(reason, -errno, "Could not drop capabilities: %s",
		                  strerror(errno));
	return 0;
}

static void allow(struct rules *rules, uint32_t call)
{
	rules->list[rules->count++] = (struct filter_rule){ .call = call };
}

/* `call` with its first argument, an int, being `descriptor`. */
static void allow_for(struct rules *rules, uint32_t call, int descriptor)
{
	rules->list[rules->count++] =
		(struct filter_rule){ call, 1, { { 0, FILTER_INT, (uint32_t)descriptor } } };
}

static void allow_processor(struct rules *rules, int processor, unsigned long request,
                            size_t check_count)
{
	rules->list[rules->count++] =
		(struct filter_rule){ SYS_ioctl,
		                      check_count,
		                      { { 0, FILTER_INT, (uint32_t)processor },
		                        { 1, FILTER_INT, (uint32_t)request },
		                        { 2, FILTER_EQUAL, 0 } } };
}

static void allow_devices(struct rules *rules, uint32_t call, const struct manifest *manifest,
                          uint32_t type)
{
	for (size_t i = 1; i < manifest->entry_count; i++)
		if (manifest->entries[i].type == type)
			allow_for(rules, call, manifest->entries[i].descriptor);
}

int confine_calls(struct launch *launch, int processor, int event)
{
	const struct manifest *manifest = &launch->manifest;
	struct rules rules = { .count = 0 };
	struct filter filter;

	allow_processor(&rules, processor, KVM_RUN, 3);
	allow_processor(&rules, processor, KVM_GET_REGS, 2);
	allow_devices(&rules, SYS_read, manifest, SOLO5_DEVICE_NET_BASIC);
	if (event >= 0)
		allow_for(&rules, SYS_read, event);
	allow_devices(&rules, SYS_write, manifest, SOLO5_DEVICE_NET_BASIC);
	allow_for(&rules, SYS_write, STDOUT_FILENO);
	allow_for(&rules, SYS_write, STDERR_FILENO);
	allow_devices(&rules, SYS_pread64, manifest, SOLO5_DEVICE_BLOCK_BASIC);
	allow_devices(&rules, SYS_pwrite64, manifest, SOLO5_DEVICE_BLOCK_BASIC);
	allow_for(&rules, SYS_epoll_pwait, launch->readiness.epoll_descriptor);
	allow_for(&rules, SYS_epoll_ctl, launch->readiness.epoll_descriptor);
	allow_for(&rules, SYS_timerfd_settime, launch->readiness.timer_descriptor);
	allow(&rules, SYS_clock_gettime); /* where the kernel's page has no clock */
	allow(&rules, SYS_futex);
	allow(&rules, SYS_rt_sigreturn);
	allow(&rules, SYS_restart_syscall);
	allow(&rules, SYS_exit_group);

	if (filter_compile(&filter, rules.list, rules.count) != 0)
		return reason_set(&launch->reason, -E2BIG,
		                  "Too many devices for one filter of system calls");
	return filter_install(&filter, true, &launch->reason);
}
