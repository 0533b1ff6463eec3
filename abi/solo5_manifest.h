/* SPDX-License-Identifier: ISC */
/*
 * The manifest of a Solo5 image: which devices it has, by name and type. Version 1, little endian.
 *
 * The image carries it in an ELF note (solo5_note.h); the tender fills in what it attached and puts
 * a copy into the image's memory. Entry 0 is reserved; the handle of a device is the index of its
 * entry, so handles start at 1.
 */
#ifndef ABI_SOLO5_MANIFEST_H
#define ABI_SOLO5_MANIFEST_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SOLO5_MANIFEST_VERSION = 1,
	SOLO5_MANIFEST_ENTRIES_MAX = 64, /* the reserved first one included */
	SOLO5_MANIFEST_NAME_SIZE = 68,   /* NUL-terminated */
	SOLO5_MAC_LENGTH = 6,
};

enum solo5_device_type {
	SOLO5_DEVICE_BLOCK_BASIC = 1,
	SOLO5_DEVICE_NET_BASIC = 2,
	SOLO5_DEVICE_RESERVED_FIRST = 0x40000000,
};

struct solo5_manifest_block {
	uint64_t capacity;   /* bytes */
	uint16_t block_size; /* bytes: the unit of every read and write */
};

struct solo5_manifest_net {
	uint8_t mac[SOLO5_MAC_LENGTH];
	uint16_t mtu; /* bytes of payload, the Ethernet header not counted */
};

struct solo5_manifest_entry {
	char name[SOLO5_MANIFEST_NAME_SIZE]; /* letters and digits of ASCII */
	uint32_t type;                       /* enum solo5_device_type */
	union {                              /* filled in by the tender */
		struct solo5_manifest_block block;
		struct solo5_manifest_net net;
	};
	union {
		int32_t descriptor; /* spt: the tender's file descriptor */
		uint64_t backend;   /* anything else: for whoever holds the manifest */
	};
	uint8_t attached; /* 0 in the file, 1 once the tender has attached it */
	uint8_t reserved[7];
};

struct solo5_manifest {
	uint32_t version;
	uint32_t entry_count;
	struct solo5_manifest_entry entries[];
};

static_assert(sizeof(struct solo5_manifest) == 8, "header");
static_assert(sizeof(struct solo5_manifest_entry) == 104, "entry");
static_assert(offsetof(struct solo5_manifest_entry, type) == 68, "type");
static_assert(offsetof(struct solo5_manifest_entry, block) == 72, "block");
static_assert(offsetof(struct solo5_manifest_entry, net) == 72, "net");
static_assert(offsetof(struct solo5_manifest_block, block_size) == 8, "block size");
static_assert(offsetof(struct solo5_manifest_net, mtu) == 6, "mtu");
static_assert(offsetof(struct solo5_manifest_entry, descriptor) == 88, "descriptor");
static_assert(offsetof(struct solo5_manifest_entry, attached) == 96, "attached");

#endif
