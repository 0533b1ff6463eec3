/* SPDX-License-Identifier: ISC */
/*
 * Solo5 spt, ABI version 2: what an image finds when it starts inside the tender's process.
 *
 * The image's memory is addressed from 0, mapped from SPT_MEMORY_START. The entry point is jumped
 * to with the boot information's address in the first argument register and the stack pointer 8
 * bytes below the end of memory. The tender's system-call filter allows what is named below, with
 * the arguments named, and kills the process for anything else.
 *
 *   write                descriptor 1, and those of network devices
 *   read                 those of network devices
 *   pread64, pwrite64    those of block devices, the length being the block size, within capacity
 *   epoll_pwait          `epoll_descriptor`: event data is a network device's handle, level
 *                        triggered, or SPT_TIMER_EVENT
 *   timerfd_settime      `timer_descriptor`
 *   clock_gettime        CLOCK_MONOTONIC, CLOCK_REALTIME
 *   arch_prctl           ARCH_SET_FS (x86-64)
 *   exit_group
 */
#ifndef ABI_SPT_H
#define ABI_SPT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SPT_ABI_VERSION = 2,
	SPT_COMMAND_LINE_SIZE = 8192, /* with its NUL */
	SPT_MEMORY_START = 0x10000,
	SPT_BOOT = 0x11000,
	SPT_IMAGE = 0x100000,
};

#define SPT_TIMER_EVENT UINT64_C(0xfffffffe)

/* At SPT_BOOT; manifest and command line follow. */
struct spt_boot {
	uint64_t memory_size;
	uint64_t image_end;    /* of the last segment with contents: .bss may lie behind it */
	uint64_t command_line; /* address of a string */
	uint64_t manifest;     /* address of a struct solo5_manifest */
	int32_t epoll_descriptor;
	int32_t timer_descriptor;
};

static_assert(sizeof(struct spt_boot) == 40, "boot information");
static_assert(offsetof(struct spt_boot, manifest) == 24, "manifest");
static_assert(offsetof(struct spt_boot, epoll_descriptor) == 32, "epoll");

#endif
