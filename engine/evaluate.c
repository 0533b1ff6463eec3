// SPDX-License-Identifier: ISC
/* From config.c to the graph document. */
#include "engine/compile.h"
#include "engine/process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int installation_find(struct installation *installation)
{
	ssize_t length =
		readlink("/proc/self/exe", installation->root, sizeof(installation->root) - 1);
	char *slash;

	if (length < 0)
		return diagnostic_failure("mount /proc", "cannot find my own files: %s",
		                          strerror(errno));
	installation->root[length] = '\0';
	for (int i = 0; i < 2; i++) {
		slash = strrchr(installation->root, '/');
		if (slash == NULL)
			return -ENOENT;
		*slash = '\0';
	}
	return 0;
}

/* "time_impl *" -> "time" */
static void strip_impl(char *type)
{
	char *end = strstr(type, "_impl *");

	if (end != NULL)
		*end = '\0';
}

static int report_compiler(char *output, const char *file)
{
	struct compiler_message message;
	char hint[512] = "";

	if (strstr(output, strerror(ENOSPC)) != NULL)
		return diagnostic_failure("free some, or set TMPDIR to another folder",
		                          "no space is left to compile %s", file);
	if (strstr(output, "undefined reference to `configure'") != NULL)
		return diagnostic_error((struct place){ .file = file },
		                        "define `void configure(void)`, which calls "
		                        "register_unikernel()",
		                        "there is no function configure()");
	/* Parts of the output are cut up. */
	char *whole = strdup(output);
	if (!compiler_first_error(output, file, &message)) {
		fputs(whole != NULL ? whole : output, stderr);
		free(whole);
		return diagnostic_error((struct place){ .file = file },
		                        "what the compiler and the linker said is above",
		                        "the configuration could not be compiled");
	}
	free(whole);
	strip_impl(message.expected);
	strip_impl(message.given);
	if (message.expected[0] != '\0')
		snprintf(hint, sizeof(hint),
		         "the declared signature wants a `%s` device here; a `%s` device is given",
		         message.expected, message.given);
	else if (strstr(message.text, "mirage/") != NULL && strstr(message.text, "No such file"))
		snprintf(hint, sizeof(hint), "headers for config.c are mirage/config.h alone");
	return diagnostic_error(message.place, hint, "%s", message.text);
}

static int compile_config(const struct installation *installation, const char *file,
                          const char *program, const char *dependencies)
{
	char include[PATH_MAX + 16], library[PATH_MAX + 64];
	const char *const argv[] = { ENGINE_COMPILER,
		                     "-std=gnu11",
		                     "-O0",
		                     "-Wall",
		                     "-Werror=incompatible-pointer-types",
		                     "-Werror=int-conversion",
		                     "-Werror=implicit-function-declaration",
		                     "-fno-diagnostics-show-caret",
		                     "-fdiagnostics-color=never",
		                     "-ftabstop=1",
		                     "-MMD",
		                     "-MF",
		                     dependencies,
		                     include,
		                     "-o",
		                     program,
		                     file,
		                     library,
		                     "-ljansson",
		                     NULL };
	struct process_result result;

	snprintf(include, sizeof(include), "-I%s/include", installation->root);
	snprintf(library, sizeof(library), "%s/lib/mirage/libmirage-config.a", installation->root);
	int error = process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result);
	if (error != 0)
		return diagnostic_failure("run `mirage doctor`",
		                          "cannot run " ENGINE_COMPILER ": %s", strerror(-error));
	if (result.status != 0) {
		diagnostic_debug("%s", result.output);
		error = report_compiler(result.output, file);
	} else if (result.output[0] != '\0') {
		fputs(result.output, stderr);
	}
	process_result_free(&result);
	return error;
}

/* The next name of a list for make, without its backslashes; false behind the last. */
static bool next_name(FILE *file, char name[], size_t size)
{
	size_t length = 0;
	int c;

	while ((c = fgetc(file)) != EOF) {
		if (c == '\\') {
			c = fgetc(file);
			if (c == '\n')
				c = '\0';
			else if (c != ' ' && c != '#' && length < size - 1)
				name[length++] = '\\';
		} else if (c == ' ' || c == '\n') {
			c = '\0';
		} else if (c == '$') {
			c = fgetc(file); /* "$$" */
		}
		if ((c == '\0' || c == EOF) && length > 0)
			break;
		if (c != '\0' && length < size - 1)
			name[length++] = (char)c;
	}
	name[length] = '\0';
	return length > 0;
}

/* The files of the project that the compiler read besides `file`; at worst none. */
static json_t *read_included(const struct installation *installation, const char *file,
                             const char *dependencies)
{
	json_t *included = json_array();
	size_t root = strlen(installation->root);
	FILE *list = fopen(dependencies, "r");
	char name[PATH_MAX];

	while (list != NULL && next_name(list, name, sizeof(name))) {
		if (name[strlen(name) - 1] == ':' || strcmp(name, file) == 0 ||
		    (strncmp(name, installation->root, root) == 0 && name[root] == '/'))
			continue;
		json_array_append_new(included, json_string(name));
	}
	if (list != NULL)
		fclose(list);
	return included;
}

static int read_document(const struct process_result *result, const char *file, json_t **document)
{
	json_error_t why;

	*document = result->result != NULL ? json_loads(result->result, 0, &why) : NULL;
	if (*document != NULL)
		return 0;
	if (result->status > 128)
		return diagnostic_error((struct place){ .file = file },
		                        "signal 11 is a null pointer or the like, 6 an abort()",
		                        "the configuration crashed (signal %d)",
		                        result->status - 128);
	return diagnostic_error((struct place){ .file = file },
	                        "let configure() return after register_unikernel()",
	                        "the configuration ended by itself (status %d) before it was "
	                        "complete",
	                        result->status);
}

static int run_config(const char *program, const char *file, const char *target,
                      size_t option_count, const char *const options[], json_t **document)
{
	const char **argv = calloc(option_count + 3, sizeof(*argv));
	struct process_result result;

	if (argv == NULL)
		return -ENOMEM;
	argv[0] = program;
	argv[1] = target;
	for (size_t i = 0; i < option_count; i++)
		argv[i + 2] = options[i];
	int error = process_run(argv, PROCESS_RESULT, &result);
	free(argv);
	if (error != 0)
		return diagnostic_failure("is the file system of TMPDIR mounted noexec?",
		                          "cannot run %s: %s", program, strerror(-error));
	error = read_document(&result, file, document);
	process_result_free(&result);
	return error;
}

int evaluate_config(const struct installation *installation, const char *file, const char *target,
                    size_t option_count, const char *const options[], json_t **document,
                    json_t **included)
{
	char folder[TEMPORARY_FOLDER_SIZE], program[TEMPORARY_FOLDER_SIZE + 32],
		dependencies[TEMPORARY_FOLDER_SIZE + 32];

	if (temporary_folder(folder) != 0)
		return -EINVAL;
	snprintf(program, sizeof(program), "%s/config", folder);
	snprintf(dependencies, sizeof(dependencies), "%s/config.d", folder);
	int error = compile_config(installation, file, program, dependencies);
	if (error == 0)
		*included = read_included(installation, file, dependencies);
	if (error == 0)
		error = run_config(program, file, target, option_count, options, document);
	unlink(program);
	unlink(dependencies);
	rmdir(folder);
	return error;
}
