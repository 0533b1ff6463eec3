// SPDX-License-Identifier: ISC
/* Named constants. */
#include <string.h>

#include "mplc/expression.h"

/* A constant knows those before it. */
void fold_constants(struct compiler *compiler, struct module *module)
{
	struct scope scope = {
		.compiler = compiler,
		.module = module,
		.kind = SCOPE_CONSTANT,
		.what = "a constant",
	};

	for (size_t i = 0; i < module->constant_count; i++) {
		struct constant *constant = &module->constants[i];
		const struct constant *first = find_constant(module, constant->name);

		if (first != NULL) {
			report_error(&compiler->report, constant->place,
			             "there are two constants called `%s`", constant->name);
			report_note(&compiler->report, first->place, "the first");
		}
		constant->known = check_constant(&scope, constant->expression, &constant->value);
	}
}
