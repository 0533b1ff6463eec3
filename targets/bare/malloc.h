/* SPDX-License-Identifier: ISC */
/*
 * malloc() of an image: the C library's allocation functions over the image's one heap, whose
 * figures are heap_image_statistics() of <mirage/heap.h>.
 */
#ifndef TARGETS_BARE_MALLOC_H
#define TARGETS_BARE_MALLOC_H

#include "targets/bare/memory.h"

/*
 * Make the heap of the image in `range`, which it keeps. Before that malloc() and its like may not
 * be called; a range that is too small for any heap ends the image.
 */
void bare_heap_start(struct memory_range range);

#endif
