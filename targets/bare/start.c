// SPDX-License-Identifier: ISC
/*
 * Heap, C library, words of the command line, image.
 */
#include "targets/bare/start.h"

#include <stdlib.h>
#include <string.h>

#include <mirage/image.h>

#include "targets/bare/command_line.h"
#include "targets/bare/entropy.h"
#include "targets/bare/libc_block.h"
#include "targets/bare/malloc.h"
#include "targets/bare/memory.h"
#include "targets/bare/report.h"

enum {
	HEAP_SIZE_MIN = 256 << 10, /* two fibers and some room */
};

static struct memory_range image_memory;
static const struct target *image_target;

struct memory_range memory_of_image(void)
{
	return image_memory;
}

const struct target *bare_target(void)
{
	return image_target;
}

static no_return void refuse(const struct target *target, const char *why)
{
	report("ABORT: %s", why);
	target->ops->abort(target->state);
}

void bare_check_memory(const struct target *target, uintptr_t free, uintptr_t memory_end)
{
	if (memory_end < free || memory_end - free < HEAP_SIZE_MIN + BOOT_STACK_SIZE)
		refuse(target, "Not enough memory: give the image more with --mem");
}

/* Of this function's own canary nothing is left when it returns. */
__attribute__((no_stack_protector)) void bare_library_start(struct bare_boot *boot)
{
	const struct libc_tls tls = {
		.start = image_tls_start,
		.size_of_file = (uintptr_t)image_tls_end - (uintptr_t)image_tls_start,
		.size = (uintptr_t)image_tls_zero_end - (uintptr_t)image_tls_start,
		.alignment = (size_t)image_tls_alignment,
	};
	unsigned char canary[sizeof(uintptr_t)];

	image_target = boot->target;
	image_memory = (struct memory_range){ (uintptr_t)image_text_start, boot->memory_end };
	if (boot->memory_end < boot->free || boot->memory_end - boot->free < libc_block_size(&tls))
		boot->target->ops->abort(boot->target->state);
	libc_block_init((void *)boot->free, &tls, image.name);
	boot->free += libc_block_size(&tls);
	bare_check_memory(boot->target, boot->free, boot->memory_end);
	if (boot->target->ops->entropy(boot->target->state, canary, sizeof(canary)) != 0)
		refuse(boot->target, "No randomness for the stack protector");
	libc_block_set_canary(canary);
}

/* The linker script's table of what runs before main() would. */
typedef void constructor(void);
extern constructor *const __init_array_start[], *const __init_array_end[];

static void call_constructors(void)
{
	for (constructor *const *each = __init_array_start; each < __init_array_end; each++)
		(*each)();
}

/* The heap ends where the boot stack begins. */
void bare_start(const struct bare_boot *boot)
{
	const struct target *target = boot->target;

	bare_heap_start((struct memory_range){ boot->free, boot->memory_end - BOOT_STACK_SIZE });
	size_t words_max = 1 + command_line_words_max(strlen(boot->command_line));
	const char **words = calloc(words_max, sizeof(*words));

	if (words == NULL)
		refuse(target, "Not enough memory for the command line");
	words[0] = image.name;
	int count = command_line_split(boot->command_line, words + 1, words_max - 1);

	call_constructors();
	/* More words than that cannot be: count is not negative. exit() writes what printf() holds. */
	exit(image_run(&image, target, 1 + (count < 0 ? 0 : count), words));
}
