// SPDX-License-Identifier: ISC
/* Banner, memory map and the tender's options; then the image. */
#include "targets/solo5/start.h"

#include <stdio.h>
#include <string.h>

#include "abi/spt.h"
#include "targets/bare/memory.h"
#include "targets/bare/start.h"
#include "targets/solo5/host.h"
#include "targets/solo5/log.h"
#include "targets/solo5/target.h"

static const char BANNER[] = "            |      ___|\n"
			     "  __|  _ \\  |  _ \\ __ \\\n"
			     "\\__ \\ (   | | (   |  ) |\n"
			     "____/\\___/ _|\\___/____/\n";

/* In one call of the tender: under some hypervisors a call costs more than the rest of the boot. */
static void banner_write(uintptr_t free, uintptr_t memory_end)
{
	char text[640];
	int length =
		snprintf(text, sizeof(text),
	                 "%s"
	                 "Solo5: Memory map: %lu MB addressable:\n"
	                 "Solo5:     unused @ (0x0 - 0x%lx)\n"
	                 "Solo5:       text @ (0x%lx - 0x%lx)\n"
	                 "Solo5:     rodata @ (0x%lx - 0x%lx)\n"
	                 "Solo5:       data @ (0x%lx - 0x%lx)\n"
	                 "Solo5:       heap >= 0x%lx < stack < 0x%lx\n",
	                 BANNER, (unsigned long)(memory_end >> 20), (uintptr_t)image_text_start - 1,
	                 (uintptr_t)image_text_start, (uintptr_t)image_text_end - 1,
	                 (uintptr_t)image_text_end, (uintptr_t)image_rodata_end - 1,
	                 (uintptr_t)image_rodata_end, (uintptr_t)image_end - 1, free, memory_end);

	host_console_write(text, (size_t)length);
}

void solo5_start(uintptr_t free, uintptr_t memory_end, const char *command_line)
{
	static char line[SPT_COMMAND_LINE_SIZE]; /* the tender's copy is read-only on hvt */
	size_t length = strnlen(command_line, sizeof(line) - 1);

	memcpy(line, command_line, length);
	line[length] = '\0';
	struct bare_boot boot = {
		.target = &solo5_target,
		.free = free,
		.memory_end = memory_end,
		.command_line = solo5_log_configure(line),
	};

	bare_library_start(&boot);
	if (solo5_log_shows(SOLO5_LOG_INFO))
		banner_write(free, memory_end);
	bare_start(&boot);
}

void solo5_exit(int status)
{
	solo5_log(SOLO5_LOG_INFO, "solo5_exit(%d) called", status);
	host_exit(status);
}

void solo5_abort(void)
{
	solo5_log(SOLO5_LOG_INFO, "solo5_abort() called");
	host_abort();
}
