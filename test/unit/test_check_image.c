// SPDX-License-Identifier: ISC
/* The gate behind the linker: what is found in listings and maps, and what the linker says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/check_image.h"
#include "engine/link_messages.h"

static void calls_of_a_kernel_are_found_with_their_function(void **state)
{
	char listing[] = "image.debug:     file format elf64-x86-64\n\n\n"
			 "Disassembly of section .text:\n\n"
			 "0000000000100020 <memset_syscall>:\n"
			 "  100020:\tcall   100030 <syscall>\n"
			 "  100025:\tret\n\n"
			 "0000000000100030 <syscall>:\n"
			 "  100030:\tmov    $0x1,%eax\n"
			 "  100035:\tsyscall\n"
			 "  100037:\tint    $0x80\n"
			 "  100039:\tint3\n"
			 "  10003a:\tint    $0x3\n"
			 "  10003c:\tsysenter\n"
			 "0000000000100040 <arm>:\n"
			 "  100040:\tsvc\t#0x0\n";
	struct kernel_call calls[2];

	(void)state;
	assert_int_equal(find_kernel_calls(listing, calls, 2), 4);
	assert_int_equal(calls[0].address, 0x100035);
	assert_string_equal(calls[0].function, "syscall");
	assert_string_equal(calls[0].instruction, "syscall");
	assert_int_equal(calls[1].address, 0x100037);
	assert_string_equal(calls[1].instruction, "int");
}

static void an_image_without_calls_has_none(void **state)
{
	char listing[] = "0000000000100020 <f>:\n  100020:\tret\n";
	char nothing[] = "";

	(void)state;
	assert_int_equal(find_kernel_calls(listing, NULL, 0), 0);
	assert_int_equal(find_kernel_calls(nothing, NULL, 0), 0);
}

static void libraries_of_this_machine_are_foreign(void **state)
{
	static const struct {
		const char *line;
		bool foreign;
	} lines[] = {
		{ "LOAD /opt/mir/lib/mirage/spt/libmirage-spt.a", false },
		{ "LOAD /opt/mir/lib/libz.a", true },
		{ "LOAD /opt/mirage/lib/mirage/libz.a", true },
		{ "LOAD /usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a", false },
		{ "LOAD /tmp/ccD8qV7y.ltrans0.ltrans.o", false },
		{ "LOAD _build/spt/unikernel.o", false },
		{ "LOAD third_party/libown.a", false },
		{ "LOAD /usr/lib/x86_64-linux-gnu/libm.a", true },
		{ "LOAD /lib/x86_64-linux-gnu/libc.so.6", true },
		{ "/usr/lib/x86_64-linux-gnu/libm.a(s_sin.o)", false },
		{ "LOAD", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char map[256];

		snprintf(map, sizeof(map), "Linker script and memory map\n\n%s\nSTART GROUP\n",
		         lines[i].line);
		const char *found = find_foreign_library(map, "/opt/mir");
		assert_int_equal(found != NULL, lines[i].foreign);
		if (found != NULL)
			assert_string_equal(found, lines[i].line + 5);
	}
}

/* What is reported for `messages`, with the source x.c below; to be freed. */
static char *report(const char *messages, size_t *errors)
{
	char folder[] = "/tmp/test_check_image_XXXXXX", *text = NULL, *copy = strdup(messages);
	const char *const items[] = { "x.c" };
	struct texts sources = { .items = (const char **)(uintptr_t)items, .count = 1 };
	FILE *terminal = stderr;
	size_t size = 0;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	FILE *source = fopen("x.c", "w");
	assert_non_null(source);
	fputs("int missing(void);\nint start(void)\n{\n\treturn missing();\n}\n", source);
	fclose(source);
	stderr = open_memstream(&text, &size);
	assert_non_null(stderr);
	diagnostic_setup(VERBOSITY_WARNING, false);
	*errors = link_messages_report(copy, &sources);
	fclose(stderr);
	stderr = terminal;
	free(copy);
	unlink("x.c");
	rmdir(folder);
	return text;
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
		count++;
	return count;
}

static void an_undefined_function_is_said_once_at_the_call(void **state)
{
	size_t errors = 0;
	char *text = report(
		"/usr/bin/ld: /tmp/cclKU2pU.ltrans0.ltrans.o: in function `start.isra.0':\n"
		"/tmp/project/<artificial>:4: undefined reference to `missing'\n"
		"/usr/bin/ld: /tmp/project/<artificial>:5: undefined reference to `missing'\n"
		"/usr/bin/ld: a.o:(.text+0x5): undefined reference to `other'\n"
		"/usr/bin/ld: a.o: more undefined references to `other' follow\n"
		"collect2: error: ld returned 1 exit status\n",
		&errors);

	(void)state;
	assert_int_equal(errors, 2);
	assert_non_null(strstr(text, "x.c:4:9: error: there is no 'missing'"));
	assert_int_equal(count_of(text, "'missing'"), 1);
	assert_int_equal(count_of(text, "'other'"), 1);
	assert_null(strstr(text, "collect2"));
	free(text);
}

static void a_warning_of_the_library_names_the_caller(void **state)
{
	size_t errors = 1;
	char *text = report("/usr/bin/ld: /tmp/ccX.ltrans0.ltrans.o: in function `start':\n"
	                    "/tmp/project/<artificial>:4: warning: an image has no sockets\n"
	                    "/tmp/project/<artificial>:4: warning: an image has no sockets\n",
	                    &errors);

	(void)state;
	assert_int_equal(errors, 0);
	assert_non_null(strstr(text, "x.c:4: warning: an image has no sockets"));
	assert_int_equal(count_of(text, "sockets"), 1);
	free(text);
}

static void anything_else_is_passed_on(void **state)
{
	size_t errors = 1;
	char *text = report("/usr/bin/ld: cannot find -lfoo: No such file or directory\n"
	                    "`': undefined reference to `\n",
	                    &errors);

	(void)state;
	assert_non_null(strstr(text, "cannot find -lfoo: No such file or directory\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_of_a_kernel_are_found_with_their_function),
		cmocka_unit_test(an_image_without_calls_has_none),
		cmocka_unit_test(libraries_of_this_machine_are_foreign),
		cmocka_unit_test(an_undefined_function_is_said_once_at_the_call),
		cmocka_unit_test(a_warning_of_the_library_names_the_caller),
		cmocka_unit_test(anything_else_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
