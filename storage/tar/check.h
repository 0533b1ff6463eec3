/* SPDX-License-Identifier: ISC */
/*
 * What is wrong with a tar archive.
 */
#ifndef STORAGE_TAR_CHECK_H
#define STORAGE_TAR_CHECK_H

#include <mirage/attributes.h>
#include <mirage/block.h>

#include "storage/kv/finding.h"

/*
 * Read all headers of an archive and report. Kinds:
 *
 *   unusable    why it cannot be opened: cut off, no header where one should be, a sparse file
 *   below-file  a path leads through a file
 *   left-out    what no store can have: links that lead nowhere or out, devices (harmless)
 *   end         fewer blocks of zeros than POSIX wants, or something behind them (harmless)
 *
 * -ENOMEM, and what the device says.
 */
must_check int tar_check(const struct block *block, finding_report *report, void *context);

#endif
