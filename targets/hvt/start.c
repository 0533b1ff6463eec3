// SPDX-License-Identifier: ISC
/* From the first instructions to solo5_start(). */
#include <string.h>

#include "targets/bare/libc_block.h"
#include "targets/bare/memory.h"
#include "targets/bare/start.h"
#include "targets/hvt/host.h"
#include "targets/hvt/net_ring.h"
#include "targets/solo5/host.h"
#include "targets/solo5/log.h"
#include "targets/solo5/start.h"
#include "targets/solo5/target.h"
#include "targets/x86_64/paging.h"
#include "targets/x86_64/registers.h"
#include "targets/x86_64/segments.h"
#include "targets/x86_64/trap.h"
#include "targets/x86_64/tsc.h"

enum {
	EXIT_ABORT = 255,
};

const char solo5_target_name[4] = "hvt";

void libc_set_thread_pointer(uintptr_t address)
{
	msr_write(MSR_FS_BASE, address);
}

void trap_end(const struct trap_frame *frame, uint64_t cr2)
{
	/* The tender reads HVT_COOKIE_SIZE bytes wherever the cookie is. */
	static union {
		struct hvt_trap_cookie cookie;
		uint8_t bytes[HVT_COOKIE_SIZE];
	} registers;

	registers.cookie = (struct hvt_trap_cookie){
		.cr2 = cr2,
		.error_code = frame->error_code,
		.rip = frame->rip,
		.cs = frame->cs,
		.rflags = frame->rflags,
		.rsp = frame->rsp,
		.ss = frame->ss,
	};
	solo5_log(SOLO5_LOG_ERROR, "ABORT: Fatal trap");
	hvt_halt(EXIT_ABORT, &registers.cookie);
}

no_return void hvt_start(const struct hvt_boot *boot);

void hvt_start(const struct hvt_boot *boot)
{
	const char *command_line = (const char *)(uintptr_t)boot->command_line;
	/* With its NUL. */
	uintptr_t boot_end = page_round_up((uintptr_t)command_line +
	                                   strnlen(command_line, HVT_COMMAND_LINE_SIZE) + 1);
	uintptr_t free;

	hvt_host_start(boot);
	tsc_start(boot->tsc_frequency_hz);
	segments_start();
	/* Page tables would lie on the stack or behind all memory. */
	bare_check_memory(&solo5_target, (uintptr_t)image_end, boot->memory_size);
	/* The ring, if there is one, lies behind the memory. */
	struct hvt_net_ring *ring = net_ring_of_boot(boot);
	uintptr_t mapped_end = ring == NULL ? boot->memory_size : (uintptr_t)(ring + 1);

	free = paging_start((uintptr_t)image_end, mapped_end, HVT_BOOT, boot_end);
	solo5_start(free, boot->memory_size, command_line);
}
