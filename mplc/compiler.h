/* SPDX-License-Identifier: ISC */
/*
 * One compilation: a specification, what it imports, and the passes over them.
 */
#ifndef MPLC_COMPILER_H
#define MPLC_COMPILER_H

#include "mplc/arena.h"
#include "mplc/syntax.h"

struct compiler {
	struct arena arena;
	struct report report;
	const char *const *folders; /* where imports are looked for, after the importer's folder */
	size_t folder_count;
	const char
		*own_folder; /* the last to look in: headers are <mirage/formats/NAME.h>; or NULL */
	bool no_files;       /* imports are errors: for text that comes from nowhere */
	struct module **modules; /* all, imported ones before importers */
	size_t module_count;
};

void compiler_free(struct compiler *compiler);

/* Read, parse and check a file and all it imports. NULL after errors, which were reported. */
struct module *compile_file(struct compiler *compiler, const char *path);

/* The same for text; `path` is what errors call it. */
struct module *compile_text(struct compiler *compiler, const char *path, const char *text,
                            size_t length);

/* The passes. Each reports what it finds and goes on; the caller looks at report.error_count. */
void parse(struct compiler *compiler, struct module *module);
void fold_constants(struct compiler *compiler, struct module *module);
void expand(struct compiler *compiler, struct module *module);
void name_all(struct compiler *compiler, struct module *module);
void lay_out(struct compiler *compiler, struct packet *packet);
void check_packet(struct compiler *compiler, struct packet *packet);

/* Definitions by name, here or in imports; NULL if there is none. */
struct definition *find_definition(const struct module *module, const char *name);
struct structure *find_structure(const struct module *module, const char *name);
struct constant *find_constant(const struct module *module, const char *name);
struct packet *find_packet(const struct module *module, const char *name);

/* The basic type of that name. False if there is none. */
bool find_type(const struct module *module, const char *name, struct type *type);

/* What is written here for a type of that name in other languages; NULL if it is none. */
const char *type_elsewhere(const char *name);

/* The name among all types, definitions and structs that is nearest to `name`, or NULL. */
const char *nearest_type(const struct module *module, const char *name);

#endif
