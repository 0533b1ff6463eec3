/* SPDX-License-Identifier: ISC */
/*
 * The heap of a process is its C library's.
 */
#include <mirage/heap.h>

#include <malloc.h>

void heap_image_statistics(struct heap_statistics *statistics)
{
	struct mallinfo2 figures = mallinfo2();

	*statistics = (struct heap_statistics){
		.size = figures.arena + figures.hblkhd,
		.ceiling = SIZE_MAX,
		.in_use = figures.uordblks + figures.hblkhd,
		.free = figures.fordblks,
	};
}
