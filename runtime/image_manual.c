/* SPDX-License-Identifier: ISC */
/*
 * The page that an image prints for --help.
 */
#include "runtime/image_manual.h"

enum {
	COLUMNS = 80,
	LINE_SIZE = 256, /* bytes, of which a column may take several */
};

/* The writer gives words; the console gets lines. */
struct page {
	const struct target *target;
	size_t length;
	char line[LINE_SIZE];
};

static void page_flush(struct page *page)
{
	if (page->length > 0)
		page->target->ops->console_write(page->target->state, page->line, page->length);
	page->length = 0;
}

static void page_write(void *context, const char *text, size_t length)
{
	struct page *page = context;

	for (size_t i = 0; i < length; i++) {
		page->line[page->length++] = text[i];
		if (text[i] == '\n' || page->length == sizeof(page->line))
			page_flush(page);
	}
}

void image_manual_write(const struct image *self, const struct target *target)
{
	static const struct manual_section end_sections[] = {
		{ .heading = "EXIT STATUS",
		  .text = "\t0        every job ended well\n"
		          "\t1        a device did not connect, or a job failed\n"
		          "\t63       --help or --version was given\n"
		          "\t64       an argument is wrong\n"
		          "\tothers   as a job returned" },
	};
	const struct manual manual = {
		.name = self->name,
		.summary = "a unikernel made with Mirage",
		.synopsis = "[OPTION]…",
		.arguments = self->arguments,
		.argument_count = self->argument_count,
		.end_sections = end_sections,
		.end_section_count = sizeof(end_sections) / sizeof(end_sections[0]),
	};
	struct page page = { .target = target };

	manual_write(&manual, COLUMNS, page_write, &page);
	page_flush(&page);
}
