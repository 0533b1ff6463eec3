// SPDX-License-Identifier: ISC
/* The page of a program, filled to the width of the screen. */
#include <mirage/arguments.h>

#include <string.h>

struct page {
	unsigned width;
	unsigned column;
	void (*write)(void *context, const char *text, size_t length);
	void *context;
};

enum {
	TEXT_INDENT = 7,
	OPTION_INDENT = 11
};

static void put(struct page *page, const char *text)
{
	page->write(page->context, text, strlen(text));
}

static void put_indent(struct page *page, unsigned indent)
{
	for (; page->column < indent; page->column++)
		put(page, " ");
}

static void new_line(struct page *page)
{
	put(page, "\n");
	page->column = 0;
}

/* Columns that UTF-8 text takes: every byte but continuations. */
static unsigned columns_of(const char *text, size_t length)
{
	unsigned columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

static void put_word(struct page *page, unsigned indent, const char *word, size_t length)
{
	unsigned columns = columns_of(word, length);

	if (page->column > indent && page->column + 1 + columns > page->width)
		new_line(page);
	if (page->column > indent) {
		put(page, " ");
		page->column++;
	}
	put_indent(page, indent);
	page->write(page->context, word, length);
	page->column += columns;
}

/* One paragraph up to a blank line, or one literal line; returns what follows. */
static const char *put_paragraph(struct page *page, unsigned indent, const char *text)
{
	if (*text == '\t') {
		size_t length = strcspn(text + 1, "\n");

		put_indent(page, indent + 2);
		page->write(page->context, text + 1, length);
		new_line(page);
		text += 1 + length;
		return *text == '\n' ? text + 1 : text;
	}
	while (*text != '\0' && *text != '\t') {
		size_t blank = strspn(text, " \n");
		const char *newline = memchr(text, '\n', blank);

		if (newline != NULL &&
		    memchr(newline + 1, '\n', blank - (size_t)(newline + 1 - text)))
			break;
		text += blank;
		size_t length = strcspn(text, " \n");
		if (length == 0 || *text == '\t')
			break;
		put_word(page, indent, text, length);
		text += length;
	}
	if (page->column > 0)
		new_line(page);
	return text;
}

static void put_text(struct page *page, unsigned indent, const char *text)
{
	bool first = true;

	while (*text != '\0') {
		size_t blank = strspn(text, " \n");

		if (text[blank] == '\0')
			return;
		/* A paragraph ends at its newline or before the blank line that follows it. */
		if (!first && memchr(text, '\n', blank) != NULL)
			new_line(page);
		text = put_paragraph(page, indent, text + blank);
		first = false;
	}
}

static void put_heading(struct page *page, const char *heading, bool first)
{
	if (!first)
		new_line(page);
	put(page, heading);
	new_line(page);
}

static const char *section_of(const struct argument *argument)
{
	return argument->section != NULL ? argument->section : "OPTIONS";
}

static void put_names(struct page *page, const struct argument *argument)
{
	const char *names = argument->names;
	bool flag = argument->type == ARGUMENT_FLAG;

	for (bool first = true; *names != '\0'; first = false) {
		size_t length = argument_name_length(names);

		put(page, first ? "" : ", ");
		put(page, length == 1 ? "-" : "--");
		page->write(page->context, names, length);
		if (!flag) {
			put(page, length == 1 ? " " : "=");
			put(page, argument_placeholder(argument));
		}
		names += length + (names[length] == ',');
	}
	if (argument->required)
		put(page, " (required)");
	else if (argument->value != NULL && !flag) {
		put(page, " (absent=");
		put(page, argument->value);
		put(page, ")");
	}
	if (argument->environment != NULL) {
		put(page, " (environment ");
		put(page, argument->environment);
		put(page, ")");
	}
}

static void put_option(struct page *page, const struct argument *argument, bool first)
{
	if (!first)
		new_line(page);
	put_indent(page, TEXT_INDENT);
	put_names(page, argument);
	new_line(page);
	if (argument->doc != NULL)
		put_text(page, OPTION_INDENT, argument->doc);
}

/* Options by section, in the order in which the sections first appear. */
static void put_options(struct page *page, const struct manual *manual)
{
	for (size_t i = 0; i < manual->argument_count; i++) {
		const char *section = section_of(&manual->arguments[i]);
		bool seen = false, first = true;

		for (size_t j = 0; j < i && !seen; j++)
			seen = strcmp(section_of(&manual->arguments[j]), section) == 0;
		if (seen)
			continue;
		put_heading(page, section, false);
		for (size_t j = i; j < manual->argument_count; j++) {
			if (strcmp(section_of(&manual->arguments[j]), section) != 0)
				continue;
			put_option(page, &manual->arguments[j], first);
			first = false;
		}
	}
}

static void put_sections(struct page *page, const struct manual_section *sections, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		put_heading(page, sections[i].heading, false);
		put_text(page, TEXT_INDENT, sections[i].text);
	}
}

void manual_write(const struct manual *manual, unsigned width,
                  void (*write)(void *context, const char *text, size_t length), void *context)
{
	struct page page = { .width = width, .write = write, .context = context };

	put_heading(&page, "NAME", true);
	put_indent(&page, TEXT_INDENT);
	put(&page, manual->name);
	put(&page, " - ");
	put(&page, manual->summary);
	new_line(&page);
	if (manual->synopsis != NULL && manual->synopsis[0] != '\0') {
		put_heading(&page, "SYNOPSIS", false);
		put_indent(&page, TEXT_INDENT);
		put(&page, manual->name);
		put(&page, " ");
		put(&page, manual->synopsis);
		new_line(&page);
	}
	put_sections(&page, manual->sections, manual->section_count);
	put_options(&page, manual);
	put_sections(&page, manual->end_sections, manual->end_section_count);
}
