// SPDX-License-Identifier: ISC
/* Pages from the table of commands. */
#include "cli/pages.h"
#include "cli/project.h"
#include "cli/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct manual_section end_sections[] = {
	{ "EXIT STATUS",
	  "\t0    success\n"
	  "\t1    the configuration, the build or the project is wrong: one message says what\n"
	  "\t124  the command line is wrong\n"
	  "\t125  mirage itself is wrong: please report it\n"
	  "\n"
	  "`mirage run` ends with the status of the unikernel." },
	{ "ENVIRONMENT",
	  "MODE: the target, where -t is not given. MIRAGE_DEFAULT_TARGET: the target, where "
	  "nothing "
	  "else names one. NO_COLOR: no colours. TMPDIR: where temporary files go." },
	{ "SEE ALSO", "mirage(1), mirage-config(5), `mirage help topics`" },
};

static const struct argument help_rows[] = {
	{ .names = "help",
	  .type = ARGUMENT_FLAG,
	  .section = "COMMON OPTIONS",
	  .doc = "Show this page: with --help=plain as text, with --help=pager by the screen, with "
	         "--help=groff as the source of a manual page. The default, --help=auto, is a "
	         "pager on a terminal." },
	{ .names = "version",
	  .type = ARGUMENT_FLAG,
	  .section = "COMMON OPTIONS",
	  .doc = "Show the version of mirage." },
};

void page_of_command(struct page *page, const struct command *command, const struct graph *graph)
{
	size_t count = command_options(command, page->options, INVOCATION_OPTIONS_MAX);

	for (size_t i = 0; i < 2 && count < INVOCATION_OPTIONS_MAX; i++)
		page->options[count++] = help_rows[i];
	if (graph != NULL && command->takes_keys)
		count += key_options(graph, page->options + count, INVOCATION_OPTIONS_MAX - count);
	snprintf(page->name, sizeof(page->name), "mirage %s", command->name);
	snprintf(page->synopsis, sizeof(page->synopsis), "[OPTION]…%s%s",
	         command->operands != NULL ? " " : "",
	         command->operands != NULL ? command->operands : "");
	page->sections[0] = (struct manual_section){ "DESCRIPTION", command->description };
	page->manual = (struct manual){
		.name = page->name,
		.summary = command->summary,
		.synopsis = page->synopsis,
		.sections = page->sections,
		.section_count = 1,
		.arguments = page->options,
		.argument_count = count,
		.end_sections = end_sections,
		.end_section_count = sizeof(end_sections) / sizeof(end_sections[0]),
	};
}

/* "name    summary" rows, kept as they are by the tab. Static: pages live as long as the tool. */
static const char *list_commands(void)
{
	static char text[2048];

	text[0] = '\0';
	for (size_t i = 0; commands[i] != NULL; i++) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, "%s\t%-10s %s", i > 0 ? "\n" : "",
		         commands[i]->name, commands[i]->summary);
	}
	return text;
}

static const char *list_targets(void)
{
	static char text[2048];

	text[0] = '\0';
	for (const struct target_description *t = target_descriptions; t->name != NULL; t++) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, "%s\t%-7s %s%s",
		         t == target_descriptions ? "" : "\n", t->name, t->what,
		         t->supported ? "" : " (not in this build)");
	}
	return text;
}

void page_of_mirage(struct page *page)
{
	snprintf(page->name, sizeof(page->name), "mirage");
	page->sections[0] = (struct manual_section){
		"DESCRIPTION",
		"Mirage makes unikernels: an application in C, the devices and protocols it uses, "
		"and "
		"the code that boots it, linked into one specialised image with nothing else in "
		"it.\n"
		"\n"
		"A project is a folder with unikernel.c and a config.c that says which devices the "
		"application takes. `mirage configure` evaluates config.c for a target, `mirage "
		"build` "
		"(or make) builds dist/NAME, `mirage run` runs it.\n"
		"\n"
		"\t$ mirage new hello\n"
		"\t$ cd hello\n"
		"\t$ mirage configure -t unix\n"
		"\t$ make\n"
		"\t$ dist/hello",
	};
	page->sections[1] = (struct manual_section){ "COMMANDS", list_commands() };
	page->sections[2] = (struct manual_section){ "TARGETS", list_targets() };
	page->manual = (struct manual){
		.name = page->name,
		.summary = "make unikernels from C",
		.synopsis = "COMMAND [OPTION]…",
		.sections = page->sections,
		.section_count = 3,
		.arguments = help_rows,
		.argument_count = 2,
		.end_sections = end_sections,
		.end_section_count = sizeof(end_sections) / sizeof(end_sections[0]),
	};
}

static const struct manual_section config_sections[] = {
	{ "DESCRIPTION",
	  "config.c is ordinary C. `mirage` compiles it, runs it on the developer's machine, and "
	  "builds the image that it describes. It includes <mirage/config.h>, whose comments are "
	  "the "
	  "reference, declares keys and entry points at file scope, and defines configure():\n"
	  "\n"
	  "\t#include <mirage/config.h>\n"
	  "\n"
	  "\tKEY_STRING(hello, .value = \"Hello World!\", .doc = \"How to say hello.\")\n"
	  "\tMAIN(hello_main, \"hello_start\", time)\n"
	  "\n"
	  "\tvoid configure(void)\n"
	  "\t{\n"
	  "\t        register_unikernel(\"hello\", hello_main(default_time()));\n"
	  "\t}\n"
	  "\n"
	  "MAIN(constructor, \"function\", TYPE…) declares that the application defines `int "
	  "function(const struct TYPE *, …)`. Each device type is a C type of its own, so a wrong "
	  "device is an error of the compiler on the line where it is written." },
	{ "KEYS",
	  "KEY_STRING, KEY_INT, KEY_BOOL, KEY_FLAG, KEY_IPV4, KEY_IPV6, KEY_PREFIX, KEY_MAC, "
	  "KEY_SIZE, KEY_DURATION and KEY_ENUM declare an option, once: `mirage configure "
	  "--NAME=…` "
	  "sets its default, the image's own command line overrides it (unless .stage is "
	  "KEY_STAGE_CONFIGURE or KEY_STAGE_RUN), and key_NAME() from mirage/key_gen.h reads it.\n"
	  "\n"
	  "Fields: .names, .value, .doc, .stage, .required, .list, .minimum, .maximum, .choices, "
	  ".placeholder, .section." },
	{ "CHOOSING",
	  "if_impl(condition, a, b) with is_unix(), is_solo5(), is_xen(), is_target(\"hvt\"), "
	  "when_true(&key_x), when_equals(&key_x, \"text\"), not_condition(), and_condition(), "
	  "or_condition(); match_impl(&key_x, otherwise, CASE(\"text\", a), …); plain C with "
	  "get_mode(), get_target(), environment(\"FS\", \"crunch\") and value_text(&key_x). "
	  "config_fail(\"…\") ends the configuration with a message." },
	{ "DEVICES OF A TENDER",
	  "Under hvt and spt, devices are what the tender attaches. A device asks for one with "
	  ".manifest = MANIFEST_NET(\"service\") or MANIFEST_BLOCK(\"storage\") in DEVICE(); its "
	  "name is 1 to 67 letters and digits, once in an image. `mirage configure` writes them to "
	  "mirage/manifest.json, `mirage run` attaches something to each." },
	{ "VERSIONS",
	  "A first line such as `// mirage >= 0.1.0 & < 1.0.0` says which versions of the tool the "
	  "configuration is for; any other version refuses it before compiling it." },
};

void page_of_config(struct page *page)
{
	snprintf(page->name, sizeof(page->name), "mirage-config");
	page->manual = (struct manual){
		.name = page->name,
		.summary = "the language of config.c",
		.synopsis = "",
		.sections = config_sections,
		.section_count = sizeof(config_sections) / sizeof(config_sections[0]),
		.end_sections = end_sections + 2,
		.end_section_count = 1,
	};
}

static void write_to_file(void *context, const char *text, size_t length)
{
	fwrite(text, 1, length, context);
}

void page_print(const struct page *page, FILE *file)
{
	struct winsize size = { .ws_col = 80 };

	if (isatty(fileno(file)) != 0 && ioctl(fileno(file), TIOCGWINSZ, &size) != 0)
		size.ws_col = 80;
	unsigned width = size.ws_col < 40 ? 80 : size.ws_col > 100 ? 100 : size.ws_col;
	manual_write(&page->manual, width, write_to_file, file);
}

int page_for_request(enum arguments_request request, const struct command *command,
                     const struct graph *graph)
{
	struct page *page;

	if (request == ARGUMENTS_VERSION) {
		puts(MIRAGE_VERSION);
		return EXIT_OK;
	}
	page = calloc(1, sizeof(*page));
	if (page == NULL)
		return EXIT_BUG;
	page_of_command(page, command, graph);
	page_show(page);
	free(page);
	return EXIT_OK;
}

int page_main(void)
{
	struct page *page = calloc(1, sizeof(*page));

	if (page == NULL)
		return EXIT_BUG;
	page_of_mirage(page);
	page_show(page);
	free(page);
	return EXIT_OK;
}
