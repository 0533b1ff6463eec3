/* SPDX-License-Identifier: ISC */
/*
 * Guard pages: memory whose every access is a trap. Implemented by each target, which may have none.
 */
#ifndef TARGETS_BARE_GUARD_H
#define TARGETS_BARE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that a guard takes: IMAGE_PAGE_SIZE, or 0 where the target has no guards. */
extern const size_t guard_size;

/* Make the page at `page` a guard. False, and the page stays as it is, if that cannot be had. */
bool guard_install(void *page);

/* Make it memory again. */
void guard_remove(void *page);

#endif
