/* SPDX-License-Identifier: ISC */
/*
 * Solo5 hvt on x86-64, ABI version 2: what an image finds when it starts as a guest of the tender,
 * and how it calls the tender.
 *
 * A hypercall is a 32-bit `out` of the guest address of its argument structure to port
 * HVT_PORT_BASE + number, so the structure must lie below 4 GiB; it ends with the structure filled
 * in. Every structure and buffer must satisfy address + size < memory size (the last byte of
 * memory is never part of one).
 */
#ifndef ABI_HVT_H
#define ABI_HVT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HVT_ABI_VERSION = 2,
	HVT_COMMAND_LINE_SIZE = 8192, /* with its NUL */
};

/* Guest-physical memory, mapped one to one. Below HVT_IMAGE only the boot block is for the guest. */
enum {
	HVT_GDT = 0x1000,
	HVT_PAGE_MAP = 0x2000,         /* PML4 */
	HVT_PAGE_POINTERS = 0x3000,    /* PDPT, four entries used */
	HVT_PAGE_DIRECTORIES = 0x4000, /* four */
	HVT_PAGE_TABLE = 0x8000,       /* of the first 2 MiB */
	HVT_BOOT = 0x10000,            /* struct hvt_boot, manifest, command line: read only */
	HVT_IMAGE = 0x100000,          /* image, heap, stack */
};

#define HVT_MEMORY_MIN  (UINT64_C(2) << 20)
#define HVT_MEMORY_MAX  (UINT64_C(4) << 30)
#define HVT_MEMORY_UNIT (UINT64_C(2) << 20)

/* In rdi at the entry point. */
struct hvt_boot {
	uint64_t memory_size; /* bytes; the stack starts below it, the ring is above it */
	uint64_t image_end;   /* of the last segment with contents: .bss may lie behind it */
	uint64_t tsc_frequency_hz;
	uint64_t command_line; /* guest address of a string */
	uint64_t manifest;     /* guest address of a struct solo5_manifest */
	/* Since Solo5 0.11; a tender before it has the manifest here. */
	uint32_t host_features;
	uint32_t guest_features;
	uint64_t net_ring; /* guest address of a struct hvt_net_ring, or 0 */
};

enum {
	HVT_FEATURE_NET_RING = 1, /* of host_features; believe it only if net_ring is not 0 too */
};

enum {
	HVT_PORT_BASE = 0x500,
	HVT_PORT_NET_RING_KICK = 0x600, /* out of the ring's number, 0 */
};

enum hvt_hypercall {
	HVT_WALL_TIME = 1,
	HVT_PUTS = 2,
	HVT_POLL = 3,
	HVT_BLOCK_WRITE = 4,
	HVT_BLOCK_READ = 5,
	HVT_NET_WRITE = 6,
	HVT_NET_READ = 7,
	HVT_HALT = 8,
	HVT_HYPERCALLS, /* one past the last */
};

/* Results of calls, the ones of Solo5's API. */
enum solo5_result {
	SOLO5_OK = 0,
	SOLO5_AGAIN = 1,
	SOLO5_EINVAL = 2,
	SOLO5_EUNSPEC = 3,
};

struct hvt_wall_time {
	uint64_t nanoseconds; /* out: since 1970 */
};

struct hvt_puts {
	uint64_t data;
	uint64_t length;
};

struct hvt_poll {
	uint64_t timeout_ns; /* from now */
	uint64_t ready_set;  /* out: bit n is handle n */
	int32_t result;      /* out: how many bits are set */
};

/* HVT_BLOCK_WRITE and HVT_BLOCK_READ. */
struct hvt_block {
	uint64_t handle;
	uint64_t offset; /* bytes */
	uint64_t data;
	uint64_t length;
	int32_t result; /* out */
};

/* HVT_NET_WRITE and HVT_NET_READ. */
struct hvt_net {
	uint64_t handle;
	uint64_t data;
	uint64_t length; /* in: of the frame or buffer; out: of the frame read */
	int32_t result;  /* out */
};

struct hvt_halt {
	uint64_t cookie; /* guest address of at least HVT_COOKIE_SIZE bytes, or 0 */
	int32_t exit_status;
};

enum {
	HVT_COOKIE_SIZE = 512,
};

/* What the cookie starts with after a trap, for the tender's core dump. */
struct hvt_trap_cookie {
	uint64_t cr2;
	uint64_t error_code;
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

/*
 * The network ring. Indices run freely and are masked on use. The guest writes entry_tail and
 * commit_head, the host the rest. Writes are never committed; reads are.
 */
enum {
	HVT_NET_RING_SLOTS = 1024,
	HVT_NET_RING_WRITE = 1,
	HVT_NET_RING_READ = 2,
	HVT_NET_RING_FRAME_MAX = 2048,
};

struct hvt_net_ring_entry {
	uint32_t operation;
	uint32_t handle;
	uint64_t data; /* guest address */
	uint32_t length;
	uint32_t id;
	uint64_t reserved;
};

struct hvt_net_ring_commit {
	uint32_t id;
	int32_t result;
	uint32_t length;
	uint32_t reserved;
};

struct hvt_net_ring {
	uint32_t entry_tail;
	uint32_t commit_head;
	uint8_t guest_line[56];
	uint32_t entry_head;
	uint32_t commit_tail;
	uint32_t needs_kick;
	uint8_t host_line[52];
	struct hvt_net_ring_entry entries[HVT_NET_RING_SLOTS];
	struct hvt_net_ring_commit commits[HVT_NET_RING_SLOTS];
};

static_assert(sizeof(struct hvt_boot) == 56, "boot information");
static_assert(offsetof(struct hvt_boot, manifest) == 32, "manifest");
static_assert(offsetof(struct hvt_boot, host_features) == 40, "features");
static_assert(offsetof(struct hvt_boot, net_ring) == 48, "ring");
static_assert(sizeof(struct hvt_poll) == 24, "poll");
static_assert(sizeof(struct hvt_block) == 40, "block");
static_assert(offsetof(struct hvt_block, result) == 32, "block result");
static_assert(sizeof(struct hvt_net) == 32, "net");
static_assert(offsetof(struct hvt_net, result) == 24, "net result");
static_assert(sizeof(struct hvt_halt) == 16, "halt");
static_assert(sizeof(struct hvt_trap_cookie) == 56, "cookie");
static_assert(offsetof(struct hvt_net_ring, entry_head) == 64, "ring, host line");
static_assert(offsetof(struct hvt_net_ring, needs_kick) == 72, "ring, kick");
static_assert(offsetof(struct hvt_net_ring, entries) == 128, "ring, entries");
static_assert(offsetof(struct hvt_net_ring, commits) == 32896, "ring, commits");
static_assert(sizeof(struct hvt_net_ring) == 49280, "ring");

#endif
