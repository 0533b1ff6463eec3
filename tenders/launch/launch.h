/* SPDX-License-Identifier: ISC */
/*
 * How every tender begins: from the command line to an open image, a manifest whose devices are all
 * attached, and something to wait on. What is left to the tender is memory, confinement and entry.
 *
 * Model.       Fill in what the module functions want, call launch_prepare(); it prints what there
 *              is to print. The ABI note is checked first, then the manifest is read, because the
 *              options name devices of the manifest.
 */
#ifndef TENDERS_LAUNCH_LAUNCH_H
#define TENDERS_LAUNCH_LAUNCH_H

#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/devices/block.h"
#include "tenders/devices/net.h"
#include "tenders/devices/readiness.h"
#include "tenders/elf/executable.h"
#include "tenders/manifest/manifest.h"
#include "tenders/options/options.h"
#include "tenders/report/reason.h"

struct tender {
	const char *program; /* "solo5-spt": before each message */
	uint32_t abi_target; /* enum solo5_abi_target */
	uint32_t abi_version;
};

struct launch {
	const struct tender *tender;
	struct reason reason;
	struct core_options core;
	struct block_options block;
	struct net_options net;
	struct executable executable;
	struct manifest manifest;
	struct readiness readiness;
	char command_line[OPTIONS_COMMAND_LINE_SIZE];
};

enum {
	LAUNCH_GO = -1,
};

/*
 * Set `launch` up for `tender`: before the tables of options are made from its fields.
 */
void launch_init(struct launch *launch, const struct tender *tender);

/*
 * Do everything up to the image's memory. Returns LAUNCH_GO, or the exit status of the tender: all
 * has been said then.
 */
must_check int launch_prepare(struct launch *launch, const struct option_module *modules,
                              size_t module_count, int argc, char *const *argv);

/* Print the reason. Returns 1, the exit status of every tender that could not do its work. */
must_check int launch_fail(const struct launch *launch);

/*
 * Close each descriptor above standard error that the image does not use: neither one of a device
 * nor of `launch->readiness` nor among `others`. The image file's is one of those closed.
 */
void launch_close_descriptors(struct launch *launch, const int *others, size_t other_count);

/*
 * Wipe the environment, where people keep passwords: for tenders whose image is in the same address
 * space.
 */
void launch_forget_environment(void);

#endif
