/* SPDX-License-Identifier: ISC */
/*
 * The parts of solo5-elftool.
 */
#ifndef TENDERS_ELFTOOL_ELFTOOL_H
#define TENDERS_ELFTOOL_ELFTOOL_H

#include <stddef.h>
#include <stdio.h>

#include <mirage/attributes.h>

#include "tenders/manifest/manifest.h"
#include "tenders/report/reason.h"

/*
 * Read a manifest from `length` bytes of JSON text: an object of "type", "version" and "devices",
 * and nothing else. `source` is its name in messages. -EINVAL.
 */
must_check int elftool_parse_json(struct manifest *manifest, const char *text, size_t length,
                                  const char *source, struct reason *reason);

/*
 * Write a C source that defines the note of `manifest`. It needs no header and no flags. What
 * goes wrong in writing is found by the caller, with ferror().
 */
void elftool_write_source(FILE *output, const struct manifest *manifest);

/* Print what the executable `path` says of its manifest or ABI as JSON on standard output. */
must_check int elftool_query_manifest(const char *path, struct reason *reason);
must_check int elftool_query_abi(const char *path, struct reason *reason);

#endif
