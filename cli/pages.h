/* SPDX-License-Identifier: ISC */
/*
 * Pages of documentation, made from the table of commands: plain text for terminals, roff for
 * man(1).
 */
#ifndef CLI_PAGES_H
#define CLI_PAGES_H

#include <stdbool.h>
#include <stdio.h>

#include <mirage/arguments.h>
#include <mirage/attributes.h>

#include "cli/command.h"
#include "engine/graph.h"

/* Everything a page needs; `manual` points into the rest. */
struct page {
	struct manual manual;
	char name[64];
	char synopsis[128];
	struct manual_section sections[4];
	struct argument options[INVOCATION_OPTIONS_MAX];
};

/* The page of a command, with the unikernel's keys where it takes them; `graph` may be NULL. */
void page_of_command(struct page *page, const struct command *command, const struct graph *graph);

/* mirage(1) and mirage-config(5). */
void page_of_mirage(struct page *page);
void page_of_config(struct page *page);

/* Print as plain text, or as roff for section `section` of the manual. */
void page_print(const struct page *page, FILE *file);
void page_print_roff(const struct page *page, int section, FILE *file);

/*
 * Take the format out of each `--help=FORMAT` up to "--": auto, pager, groff or plain. -EINVAL, reported:
 * there is no such format.
 */
must_check int page_take_format(int argc, char *argv[]);

/* Print to standard output in the format that was taken; auto is a pager on a terminal. */
void page_show(const struct page *page);

/* Answer --help or --version. EXIT_OK. */
int page_for_request(enum arguments_request request, const struct command *command,
                     const struct graph *graph);

/* `mirage` alone. */
int page_main(void);

#endif
