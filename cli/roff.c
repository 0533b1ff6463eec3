// SPDX-License-Identifier: ISC
/* Pages as roff, for man(1): the macros of man(7). */
#include "cli/pages.h"

#include <ctype.h>
#include <string.h>

/* Text with what roff would take for itself escaped. */
static void put_text(const char *text, size_t length, FILE *file)
{
	bool line_start = true;

	for (size_t i = 0; i < length; i++) {
		if (line_start && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", file);
		if (text[i] == '\\')
			fputs("\\e", file);
		else if (text[i] == '-')
			fputs("\\-", file);
		else
			fputc(text[i], file);
		line_start = text[i] == '\n';
	}
}

static void put_string(const char *text, FILE *file)
{
	put_text(text, strlen(text), file);
}

/* Paragraphs are separated by blank lines; lines with a tab are literal. */
static void put_section_text(const char *text, FILE *file)
{
	bool literal = false;

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		bool tab = text[0] == '\t';

		if (tab && !literal)
			fputs(".RS\n.nf\n", file);
		else if (!tab && literal && length > 0)
			fputs(".fi\n.RE\n", file);
		if (length > 0)
			literal = tab;
		if (length == 0)
			fputs(literal ? "\n" : ".PP\n", file);
		put_text(text + tab, length - tab, file);
		if (length > 0)
			fputc('\n', file);
		text += length + (text[length] == '\n');
	}
	if (literal)
		fputs(".fi\n.RE\n", file);
}

static void put_option(const struct argument *argument, FILE *file)
{
	const char *names = argument->names;
	bool first = true;

	fputs(".TP\n", file);
	while (*names != '\0') {
		size_t length = strcspn(names, ",");

		fprintf(file, "%s\\fB%s", first ? "" : ", ", length == 1 ? "\\-" : "\\-\\-");
		put_text(names, length, file);
		fputs("\\fR", file);
		if (argument->type != ARGUMENT_FLAG) {
			fprintf(file, "%s\\fI", length == 1 ? " " : "=");
			put_string(argument_placeholder(argument), file);
			fputs("\\fR", file);
		}
		first = false;
		names += length + (names[length] == ',');
	}
	if (argument->value != NULL && argument->type != ARGUMENT_FLAG) {
		fputs(" (absent=", file);
		put_string(argument->value, file);
		fputc(')', file);
	}
	fputc('\n', file);
	put_string(argument->doc != NULL ? argument->doc : "", file);
	fputc('\n', file);
}

static void put_options(const struct manual *manual, FILE *file)
{
	const char *section = NULL;

	for (size_t i = 0; i < manual->argument_count; i++) {
		const char *own = manual->arguments[i].section;

		if (own == NULL)
			own = "OPTIONS";
		if (section == NULL || strcmp(section, own) != 0)
			fprintf(file, ".SH %s\n", own);
		section = own;
		put_option(&manual->arguments[i], file);
	}
}

void page_print_roff(const struct page *page, int number, FILE *file)
{
	const struct manual *manual = &page->manual;
	char title[64];

	for (size_t i = 0; i < sizeof(title); i++) {
		title[i] = (char)(manual->name[i] == ' ' ? '-'
		                                         : toupper((unsigned char)manual->name[i]));
		if (manual->name[i] == '\0')
			break;
	}
	title[sizeof(title) - 1] = '\0';
	fprintf(file, ".TH %s %d 2026-11-21 \"mirage " MIRAGE_VERSION "\" \"Mirage for C\"\n",
	        title, number);
	fputs(".SH NAME\n", file);
	for (const char *c = manual->name; *c != '\0'; c++)
		fputs(*c == ' ' || *c == '-' ? "\\-" : (char[]){ *c, '\0' }, file);
	fprintf(file, " \\- %s\n", manual->summary);
	if (manual->synopsis[0] != '\0') {
		fprintf(file, ".SH SYNOPSIS\n.B %s\n", manual->name);
		put_string(manual->synopsis, file);
		fputc('\n', file);
	}
	for (size_t i = 0; i < manual->section_count; i++) {
		fprintf(file, ".SH %s\n", manual->sections[i].heading);
		put_section_text(manual->sections[i].text, file);
	}
	put_options(manual, file);
	for (size_t i = 0; i < manual->end_section_count; i++) {
		fprintf(file, ".SH %s\n", manual->end_sections[i].heading);
		put_section_text(manual->end_sections[i].text, file);
	}
}
