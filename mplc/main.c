// SPDX-License-Identifier: ISC
/* mplc(1): compile packet formats to C. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mirage/arguments.h>

#include "mplc/output.h"

enum {
	STATUS_OK = 0,
	STATUS_ERROR = 1,
	STATUS_USAGE = 124,
	FILE_COUNT_MAX = 256,
	FOLDER_COUNT_MAX = 64,
};

enum option {
	OPTION_OUTPUT,
	OPTION_INCLUDE,
	OPTION_CHECK,
	OPTION_FUZZ,
	OPTION_JSON,
	OPTION_LUA,
	OPTION_NO_LINES,
	OPTION_DEPENDENCIES,
	OPTION_COUNT,
};

static const struct argument options[OPTION_COUNT] = {
	[OPTION_OUTPUT] = { .names = "output,o",
	                    .type = ARGUMENT_STRING,
	                    .value = ".",
	                    .placeholder = "FOLDER",
	                    .doc = "Where NAME.h and NAME.c go. It must exist." },
	[OPTION_INCLUDE] = { .names = "include,I",
	                     .type = ARGUMENT_STRING,
	                     .list = true,
	                     .placeholder = "FOLDER,...",
	                     .doc = "Where imports are looked for when they are not beside the "
	                            "file "
	                            "that imports them." },
	[OPTION_CHECK] = { .names = "check",
	                   .type = ARGUMENT_FLAG,
	                   .doc = "Check the specification and write nothing." },
	[OPTION_FUZZ] = { .names = "fuzz",
	                  .type = ARGUMENT_FLAG,
	                  .doc = "Write NAME_fuzz.c too: a libFuzzer target that parses, reads, "
	                         "builds "
	                         "and prints every packet, and checks that what was built parses "
	                         "to the "
	                         "same. Compiled with -DMPLC_PROPERTY_MAIN it is a program of its "
	                         "own "
	                         "that runs on random bytes: [RUNS [SEED]]." },
	[OPTION_JSON] = { .names = "json",
	                  .type = ARGUMENT_FLAG,
	                  .doc = "Write NAME.json too: every packet's fields with their types, "
	                         "offsets "
	                         "and names of values." },
	[OPTION_LUA] = { .names = "lua",
	                 .type = ARGUMENT_FLAG,
	                 .doc = "Write NAME.lua too: a dissector for Wireshark and tshark of every "
	                        "packet x, there called mpl.x: tshark -X lua_script:NAME.lua -d "
	                        "udp.port==5000,mpl.x." },
	[OPTION_NO_LINES] = { .names = "no-lines",
	                      .type = ARGUMENT_FLAG,
	                      .doc = "Leave out #line, so that debuggers and compilers speak of "
	                             "the C "
	                             "and not of the specification." },
	[OPTION_DEPENDENCIES] = { .names = "dependencies,M",
	                          .type = ARGUMENT_STRING,
	                          .placeholder = "FILE",
	                          .doc = "Write a make rule with all files that were read." },
};

static const struct manual_section before[] = {
	{ "DESCRIPTION",
	  "mplc compiles packet formats, written in MPL, to C. For each NAME.mpl it writes NAME.h "
	  "and "
	  "NAME.c, which read, check, build and print such packets in place.\n"
	  "\n"
	  "For a packet x there are x_parse(), which checks bytes once and makes a view; "
	  "x_FIELD(), "
	  "which read fields; x_build() and x_size(), which write a packet from struct x_fields; "
	  "and "
	  "x_to_string() and x_dump(). The language and the C are explained in docs/mpl.md.\n"
	  "\n"
	  "Errors are printed with file, line and column, the line itself and what was expected; "
	  "all "
	  "errors of a file are, up to twenty." },
};

static const struct manual_section after[] = {
	{ "EXIT STATUS", "0 on success, 1 if a specification is wrong or a file cannot be read or "
	                 "written, 124 if the command line is wrong." },
	{ "EXAMPLE", "\tmplc -o build udp.mpl\n\tcc -Iinclude -c build/udp.c" },
};

static void write_stdout(void *context, const char *text, size_t length)
{
	(void)context;
	fwrite(text, 1, length, stdout);
}

static int print_manual(void)
{
	const struct manual manual = {
		.name = "mplc",
		.summary = "compile packet formats to C",
		.synopsis = "[OPTION]... FILE.mpl...",
		.sections = before,
		.section_count = sizeof(before) / sizeof(before[0]),
		.arguments = options,
		.argument_count = OPTION_COUNT,
		.end_sections = after,
		.end_section_count = sizeof(after) / sizeof(after[0]),
	};

	manual_write(&manual, 80, write_stdout, NULL);
	return STATUS_OK;
}

static bool wants_colour(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) != 0 && getenv("NO_COLOR") == NULL && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

static bool write_outputs(struct emitter *emitter, const struct argument_value *values)
{
	static const struct {
		int option; /* -1: always */
		const char *ending;
		void (*write)(struct emitter *emitter);
	} files[] = {
		{ -1, ".h", emit_header_file },
		{ -1, ".c", emit_source_file },
		{ OPTION_FUZZ, "_fuzz.c", emit_fuzz_file },
		{ OPTION_JSON, ".json", emit_json_file },
		{ OPTION_LUA, ".lua", emit_lua_file },
	};
	struct output output = { .emitter = emitter, .folder = values[OPTION_OUTPUT].string };
	bool good = true;

	if (values[OPTION_CHECK].boolean)
		return true;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && good; i++)
		if (files[i].option < 0 || values[files[i].option].boolean)
			good = output_file(&output, files[i].ending, files[i].write);
	if (good && values[OPTION_DEPENDENCIES].present)
		good = output_dependencies(&output, values[OPTION_DEPENDENCIES].string);
	return output_finish(&output, good);
}

/* The specifications that come with Mirage: share/mirage/formats beside bin/mplc. */
static const char *own_formats(struct compiler *compiler)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	for (int levels = 0; length > 0 && levels < 2; levels++) {
		path[length] = '\0';
		const char *slash = strrchr(path, '/');
		length = slash != NULL ? slash - path : 0;
	}
	return arena_format(&compiler->arena, "%.*s/share/mirage/formats", (int)length, path);
}

static bool compile_one(const char *path, const struct argument_value *values)
{
	const char *folders[FOLDER_COUNT_MAX];
	struct compiler compiler = { .folders = folders };

	compiler.report =
		(struct report){ .out = stderr, .colour = wants_colour(), .error_max = 20 };
	for (size_t i = 0; i < values[OPTION_INCLUDE].count && i < FOLDER_COUNT_MAX; i++)
		folders[compiler.folder_count++] = values[OPTION_INCLUDE].items[i].string;
	compiler.own_folder = own_formats(&compiler);
	const struct module *module = compile_file(&compiler, path);
	bool done = false;
	if (module != NULL) {
		struct emitter emitter = { .compiler = &compiler,
			                   .module = module,
			                   .lines = !values[OPTION_NO_LINES].boolean };

		done = write_outputs(&emitter, values);
	}
	compiler_free(&compiler);
	return done;
}

static int compile_all(const char *const files[], size_t count, const struct argument_value *values)
{
	bool done = true;

	if (count == 0) {
		fputs("mplc: error: no file given\nhint: mplc [OPTION]... FILE.mpl..., or mplc "
		      "--help\n",
		      stderr);
		return STATUS_USAGE;
	}
	if (count > 1 && values[OPTION_DEPENDENCIES].present) {
		fputs("mplc: error: --dependencies goes with one file\n", stderr);
		return STATUS_USAGE;
	}
	for (size_t i = 0; i < count; i++)
		done = compile_one(files[i], values) && done;
	return done ? STATUS_OK : STATUS_ERROR;
}

int main(int argc, char *argv[])
{
	struct argument_value values[OPTION_COUNT];
	const char *files[FILE_COUNT_MAX];
	enum arguments_request request;
	struct arguments_error error;
	size_t count = 0;

	if (arguments_parse(options, OPTION_COUNT, values, argc, (const char *const *)argv, NULL,
	                    files, FILE_COUNT_MAX, &count, &request, &error) != 0) {
		fprintf(stderr, "mplc: error: %s\nhint: see mplc --help\n", error.text);
		return STATUS_USAGE;
	}
	int status = STATUS_OK;
	if (request == ARGUMENTS_HELP)
		status = print_manual();
	else if (request == ARGUMENTS_VERSION)
		puts(MIRAGE_VERSION);
	else
		status = compile_all(files, count, values);
	arguments_free(values, OPTION_COUNT);
	return status;
}
