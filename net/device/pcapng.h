/* SPDX-License-Identifier: ISC */
/*
 * The pcapng capture format (draft-ietf-opsawg-pcapng): blocks, as far as one interface needs them.
 * Numbers are in the order of the machine, which the first block tells.
 */
#ifndef NET_DEVICE_PCAPNG_H
#define NET_DEVICE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/duration.h>

enum {
	PCAPNG_START_MAX = 128,  /* bytes of pcapng_start() */
	PCAPNG_BEFORE_MAX = 28,  /* bytes of pcapng_before() */
	PCAPNG_BEHIND_MAX = 128, /* bytes of pcapng_behind() */
	PCAPNG_COMMENT_MAX = 80, /* bytes */
};

enum pcapng_direction {
	PCAPNG_INBOUND = 1,
	PCAPNG_OUTBOUND = 2,
};

/* A section and its one interface, Ethernet in nanoseconds. `name` is cut to 15 bytes. The length. */
size_t pcapng_start(uint8_t bytes[PCAPNG_START_MAX], const char *name);

/*
 * What comes before and behind the `length` bytes of a packet; `comment` may be "". The lengths.
 */
size_t pcapng_before(uint8_t bytes[PCAPNG_BEFORE_MAX], nanoseconds wall, size_t length,
                     const char *comment);
size_t pcapng_behind(uint8_t bytes[PCAPNG_BEHIND_MAX], enum pcapng_direction direction,
                     size_t length, const char *comment);

#endif
