// SPDX-License-Identifier: ISC
/* Hostile specifications: mplc says what is wrong or writes C, in bounded time and memory. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "mplc/emit.h"

static void write_all(struct compiler *compiler, const struct module *module)
{
	static void (*const writers[])(struct emitter *) = { emit_header_file, emit_source_file,
		                                             emit_fuzz_file, emit_json_file,
		                                             emit_lua_file };

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		struct emitter emitter = { .compiler = compiler, .module = module, .lines = true };
		char *text = NULL;
		size_t size = 0;

		emitter.out = open_memstream(&text, &size);
		assert(emitter.out != NULL);
		writers[i](&emitter);
		fclose(emitter.out);
		assert(size > 0);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	struct compiler compiler = { .no_files = true };
	char *output = NULL;
	size_t length = 0;

	compiler.report.out = open_memstream(&output, &length);
	compiler.report.error_max = 20;
	assert(compiler.report.out != NULL);
	const struct module *module = compile_text(&compiler, "t.mpl", (const char *)data, size);
	fclose(compiler.report.out);
	/* Either it is right, or something was said. */
	assert((module == NULL) == (length > 0));
	if (module != NULL)
		write_all(&compiler, module);
	free(output);
	compiler_free(&compiler);
	return 0;
}
