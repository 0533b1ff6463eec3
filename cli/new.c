// SPDX-License-Identifier: ISC
/* mirage new: a starting project. */
#include "cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In these texts @NAME@ is the unikernel's name and @C_NAME@ the same as a C identifier. */
static const char config_text[] =
	"#include <mirage/config.h>\n"
	"\n"
	"KEY_STRING(hello, .value = \"Hello World!\", .doc = \"How to say hello.\")\n"
	"MAIN(@C_NAME@_main, \"@C_NAME@_start\", time)\n"
	"\n"
	"void configure(void)\n"
	"{\n"
	"\tregister_unikernel(\"@NAME@\", @C_NAME@_main(default_time()));\n"
	"}\n";

static const char unikernel_text[] = "#include <mirage/log.h>\n"
				     "#include <mirage/time.h>\n"
				     "\n"
				     "#include \"mirage/key_gen.h\"\n"
				     "\n"
				     "int @C_NAME@_start(const struct time *time)\n"
				     "{\n"
				     "\tfor (int i = 0; i < 4; i++) {\n"
				     "\t\tlog_info(\"%s\", key_hello());\n"
				     "\n"
				     "\t\tint error = time_sleep_ns(time, duration_of_sec(1));\n"
				     "\t\tif (error != 0)\n"
				     "\t\t\treturn error;\n"
				     "\t}\n"
				     "\treturn 0;\n"
				     "}\n";

static const char ignore_text[] = "/mirage/*\n/_build/\n/dist/\n/Makefile\n/mirage.context\n"
				  "/compile_commands.json\n!/mirage/*.lock\n";

static void write_expanded(FILE *file, const char *text, const char *name, const char *c_name)
{
	while (*text != '\0') {
		if (strncmp(text, "@NAME@", 6) == 0) {
			fputs(name, file);
			text += 6;
		} else if (strncmp(text, "@C_NAME@", 8) == 0) {
			fputs(c_name, file);
			text += 8;
		} else {
			fputc(*text++, file);
		}
	}
}

static int write_file(const char *folder, const char *file_name, const char *text, const char *name,
                      const char *c_name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, file_name);
	FILE *file = fopen(path, "wx");
	if (file == NULL)
		return diagnostic_failure(NULL, "cannot write %s: %s", path, strerror(errno));
	write_expanded(file, text, name, c_name);
	if (fclose(file) != 0)
		return diagnostic_failure("is the disk full?", "cannot write %s: %s", path,
		                          strerror(errno));
	return 0;
}

/* What could not be finished must not be in the way of the next try. */
static void remove_again(const char *folder)
{
	static const char *const files[] = { "config.c", "unikernel.c", ".gitignore" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

/* hello-key -> hello_key, which may not begin with a digit. */
static void c_identifier(const char *name, char identifier[], size_t size)
{
	snprintf(identifier, size, "%s%s", isdigit((unsigned char)name[0]) ? "u" : "", name);
	for (char *c = identifier; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
}

static int run_new(struct invocation *invocation)
{
	const char *name = invocation->operand_count > 0 ? invocation->operands[0] : "";
	char c_name[256];

	if (!isalnum((unsigned char)name[0]) || strlen(name) > 64 ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
	            strlen(name)) {
		(void)diagnostic_failure("write `mirage new hello`: letters, digits, '_' and '-'",
		                         name[0] == '\0'
		                                 ? "new: the project needs a name"
		                                 : "new: '%s' cannot be the name of a unikernel",
		                         name);
		return EXIT_USAGE;
	}
	if (invocation_flag(invocation, "dry-run")) {
		printf("* write %s/config.c\n* write %s/unikernel.c\n* write %s/.gitignore\n", name,
		       name, name);
		return EXIT_OK;
	}
	if (mkdir(name, 0777) != 0) {
		(void)diagnostic_failure(errno == EEXIST
		                                 ? "choose another name, or remove what is there"
		                                 : "go to a folder where you may write",
		                         "cannot make the folder %s: %s", name, strerror(errno));
		return EXIT_ERROR;
	}
	c_identifier(name, c_name, sizeof(c_name));
	int error = write_file(name, "config.c", config_text, name, c_name);
	if (error == 0)
		error = write_file(name, "unikernel.c", unikernel_text, name, c_name);
	if (error == 0)
		error = write_file(name, ".gitignore", ignore_text, name, c_name);
	if (error != 0) {
		remove_again(name);
		return EXIT_ERROR;
	}
	printf("Made the project %s. Now:\n"
	       "  cd %s\n  mirage configure -t unix\n  make\n  dist/%s\n",
	       name, name, name);
	return EXIT_OK;
}

const struct command new_command = {
	.name = "new",
	.summary = "make a folder with a starting project",
	.operands = "NAME",
	.operands_max = 1,
	.description = "Makes the folder NAME with a config.c, a unikernel.c that logs a greeting "
		       "four times, and a .gitignore. Nothing that exists is touched.",
	.run = run_new,
};
