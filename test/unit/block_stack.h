/* SPDX-License-Identifier: ISC */
/*
 * For tests of block layers upon each other: cache, checksums, partition, a device that fails, a RAM disk.
 */
#ifndef TEST_UNIT_BLOCK_STACK_H
#define TEST_UNIT_BLOCK_STACK_H

#include "test/unit/on_ramdisk.h"

#include <mirage/block_cache.h>
#include <mirage/block_checksum.h>
#include <mirage/block_faulty.h>
#include <mirage/block_partition.h>

static struct test_disk medium;
static struct block_faulty_state faulty_state;
static const struct block_faulty faulty = { .state = &faulty_state, .below = &medium.block };
static const struct block on_faulty = { .ops = &block_faulty_ops, .self = &faulty };
static struct block_partition_state partition_state;
static const struct block_partition partition = { .state = &partition_state,
	                                          .below = &on_faulty,
	                                          .number = 1 };
static const struct block on_partition = { .ops = &block_partition_ops, .self = &partition };
static struct block_checksum_state checksum_state;
static const struct block_checksum checksum = { .state = &checksum_state, .below = &on_partition };
static const struct block on_checksum = { .ops = &block_checksum_ops, .self = &checksum };
static struct block_cache_state cache_state;
static const struct block_cache cache = { .state = &cache_state,
	                                  .below = &on_checksum,
	                                  .size = 8 * 4096 };
static const struct block on_cache = { .ops = &block_cache_ops, .self = &cache };

#endif
