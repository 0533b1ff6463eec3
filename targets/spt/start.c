// SPDX-License-Identifier: ISC
/* From the tender's jump to solo5_start(). */
#include "abi/spt.h"
#include "targets/bare/guard.h"
#include "targets/bare/libc_block.h"
#include "targets/bare/memory.h"
#include "targets/bare/start.h"
#include "targets/solo5/start.h"
#include "targets/solo5/target.h"
#include "targets/spt/host.h"
#include "targets/spt/system_call.h"

enum {
	ARCH_SET_FS = 0x1002,
};

const char solo5_target_name[4] = "spt";

/* The tender's filter has no call that would make a page a guard. */
const size_t guard_size = 0;

bool guard_install(void *page)
{
	(void)page;
	return false;
}

void guard_remove(void *page)
{
	(void)page;
}

void libc_set_thread_pointer(uintptr_t address)
{
#if defined(__x86_64__)
	spt_system_call(ARCH_SET_FS, (long)address, 0, 0, 0, 0, SPT_ARCH_PRCTL);
#else
	__asm__ volatile("msr tpidr_el0, %0" : : "r"(address));
#endif
}

no_return void spt_start(const struct spt_boot *boot);

void spt_start(const struct spt_boot *boot)
{
	spt_host_start(boot);
	solo5_start((uintptr_t)image_end, boot->memory_size,
	            (const char *)(uintptr_t)boot->command_line);
}
