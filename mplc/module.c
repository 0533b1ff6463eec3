// SPDX-License-Identifier: ISC
/* Files, what they import, and the order of the passes. */
#include "mplc/compiler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT_DEPTH_MAX 16
#define FILE_SIZE_MAX    ((size_t)16 * 1024 * 1024)
#define MODULE_FOUND(array, count, wanted)                        \
	for (size_t i = 0; i < module->count; i++)                \
		if (strcmp(module->array[i].name, (wanted)) == 0) \
	return &module->array[i]

void compiler_free(struct compiler *compiler)
{
	arena_free(&compiler->arena);
}

struct definition *find_definition(const struct module *module, const char *name)
{
	MODULE_FOUND(definitions, definition_count, name);
	for (size_t i = 0; i < module->import_count; i++) {
		struct definition *found =
			module->imports[i].module != NULL
				? find_definition(module->imports[i].module, name)
				: NULL;
		if (found != NULL)
			return found;
	}
	return NULL;
}

struct structure *find_structure(const struct module *module, const char *name)
{
	MODULE_FOUND(structures, structure_count, name);
	for (size_t i = 0; i < module->import_count; i++) {
		struct structure *found = module->imports[i].module != NULL
		                                  ? find_structure(module->imports[i].module, name)
		                                  : NULL;
		if (found != NULL)
			return found;
	}
	return NULL;
}

struct constant *find_constant(const struct module *module, const char *name)
{
	for (size_t i = 0; i < module->constant_count; i++)
		if (module->constants[i].known && strcmp(module->constants[i].name, name) == 0)
			return &module->constants[i];
	for (size_t i = 0; i < module->import_count; i++) {
		struct constant *found = module->imports[i].module != NULL
		                                 ? find_constant(module->imports[i].module, name)
		                                 : NULL;
		if (found != NULL)
			return found;
	}
	return NULL;
}

struct packet *find_packet(const struct module *module, const char *name)
{
	for (size_t i = 0; i < module->packet_count; i++)
		if (!module->packets[i]->inner && strcmp(module->packets[i]->name, name) == 0)
			return module->packets[i];
	for (size_t i = 0; i < module->import_count; i++) {
		struct packet *found = module->imports[i].module != NULL
		                               ? find_packet(module->imports[i].module, name)
		                               : NULL;
		if (found != NULL)
			return found;
	}
	return NULL;
}

static const char *module_name(struct compiler *compiler, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	return arena_copy(&compiler->arena, base,
	                  dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base));
}

/* 0, or a negative error. */
static int read_file(struct compiler *compiler, const char *path, struct source *source)
{
	FILE *file = fopen(path, "rb");
	size_t size = 0, room = 0;
	char *text = NULL;

	if (file == NULL)
		return -errno;
	for (;;) {
		if (size == room) {
			char *larger =
				room < FILE_SIZE_MAX ? realloc(text, room + 65536 + 1) : NULL;
			if (larger == NULL)
				break;
			text = larger;
			room += 65536;
		}
		size_t got = fread(text + size, 1, room - size, file);
		size += got;
		if (got == 0)
			break;
	}
	/* A folder can be opened, but not read. */
	int error = ferror(file) != 0 ? -(errno != 0 ? errno : EIO) : size == room ? -EFBIG : 0;
	if (error == 0) {
		source->path = arena_copy(&compiler->arena, path, strlen(path));
		source->text = arena_copy(&compiler->arena, text, size);
		source->length = size;
	}
	free(text);
	fclose(file);
	return error;
}

static struct module *load(struct compiler *compiler, const struct source *source, unsigned depth);

/* The module of a file, read once. */
static struct module *load_file(struct compiler *compiler, const char *path, unsigned depth,
                                int *error)
{
	struct source source = { .path = path };

	*error = 0;
	for (size_t i = 0; i < compiler->module_count; i++)
		if (strcmp(compiler->modules[i]->source.path, path) == 0)
			return compiler->modules[i];
	*error = read_file(compiler, path, &source);
	return *error == 0 ? load(compiler, &source, depth) : NULL;
}

/* Look beside the importer, then in the folders. */
static struct module *find_import(struct compiler *compiler, const struct module *importer,
                                  const char *path, unsigned depth, int *error)
{
	const char *slash = strrchr(importer->source.path, '/');
	size_t length = slash != NULL ? (size_t)(slash - importer->source.path) + 1 : 0;
	struct module *module = NULL;

	*error = -ENOENT;
	if (path[0] == '/' || slash == NULL)
		module = load_file(compiler, path, depth, error);
	else
		module = load_file(compiler,
		                   arena_format(&compiler->arena, "%.*s%s", (int)length,
		                                importer->source.path, path),
		                   depth, error);
	for (size_t i = 0; *error == -ENOENT && i < compiler->folder_count; i++)
		module = load_file(
			compiler,
			arena_format(&compiler->arena, "%s/%s", compiler->folders[i], path), depth,
			error);
	if (*error == -ENOENT && compiler->own_folder != NULL) {
		module = load_file(
			compiler,
			arena_format(&compiler->arena, "%s/%s", compiler->own_folder, path), depth,
			error);
		if (module != NULL)
			module->own = true;
	}
	return module;
}

static void load_import(struct compiler *compiler, struct module *module, struct import *import,
                        unsigned depth)
{
	int error = 0;

	if (compiler->no_files) {
		report_error(&compiler->report, import->place, "imports are not allowed here");
		return;
	}
	if (depth >= IMPORT_DEPTH_MAX) {
		report_error(&compiler->report, import->place, "imports nested more than %d deep",
		             IMPORT_DEPTH_MAX);
		return;
	}
	import->module = find_import(compiler, module, import->path, depth + 1, &error);
	if (error != 0) {
		report_error(&compiler->report, import->place, "cannot read '%s': %s", import->path,
		             strerror(-error));
		report_hint(&compiler->report,
		            "imports are looked for beside the importing file and in -I folders");
	} else if (import->module != NULL && import->module->mark == 1) {
		report_error(&compiler->report, import->place, "'%s' imports this file in turn",
		             import->path);
		import->module = NULL;
	}
}

/*
 * The historical language had no imports: `packet Ipv4()` meant the module of that name. Look for
 * ipv4.mpl if nothing of that name is known.
 */
static void import_by_name(struct compiler *compiler, struct module *module,
                           const struct statements *statements, unsigned depth)
{
	for (size_t i = 0; i < statements->count; i++) {
		const struct field *field = statements->items[i].field;
		const struct classify *classify = statements->items[i].classify;
		int error;

		for (size_t j = 0; classify != NULL && j < classify->arm_count; j++)
			import_by_name(compiler, module, classify->arms[j].statements, depth);
		if (field == NULL)
			continue;
		if (field->record != NULL)
			import_by_name(compiler, module, field->record, depth);
		if (field->element_name == NULL || field->element_name[0] < 'A' ||
		    field->element_name[0] > 'Z' ||
		    find_packet(module, field->element_name) != NULL)
			continue;
		char *path = arena_format(&compiler->arena, "%s.mpl", field->element_name);
		path[0] = (char)(path[0] - 'A' + 'a');
		struct import import = { .path = path, .place = field->element_place };
		if (!compiler->no_files && depth < IMPORT_DEPTH_MAX)
			import.module = find_import(compiler, module, path, depth + 1, &error);
		if (import.module != NULL && import.module->mark == 2)
			arena_push(&compiler->arena, module->imports, module->import_count, import);
	}
}

static void find_lines(struct compiler *compiler, struct source *source)
{
	size_t count = 1;

	for (size_t i = 0; i < source->length; i++)
		count += source->text[i] == '\n';
	size_t *lines = arena_take(&compiler->arena, count * sizeof(*lines));
	for (size_t i = 0; i < source->length; i++)
		if (source->text[i] == '\n')
			lines[++source->line_count] = i + 1;
	source->line_count++;
	source->lines = lines;
}

/* False, reported, for text that only looks like some in an editor. */
static bool is_readable(struct compiler *compiler, const struct source *source)
{
	const char *text = source->text;

	if (source->length < 2 ||
	    (memcmp(text, "\xff\xfe", 2) != 0 && memcmp(text, "\xfe\xff", 2) != 0))
		return true;
	report_error(&compiler->report, (struct place){ .source = NULL },
	             "'%s' is UTF-16: save it as UTF-8", source->path);
	return false;
}

static struct module *load(struct compiler *compiler, const struct source *source, unsigned depth)
{
	struct module *module = arena_new(&compiler->arena, struct module);

	module->source = *source;
	find_lines(compiler, &module->source);
	module->name = module_name(compiler, source->path);
	module->mark = 1;
	arena_push(&compiler->arena, compiler->modules, compiler->module_count, module);
	if (is_readable(compiler, source))
		parse(compiler, module);
	for (size_t i = 0; i < module->import_count; i++)
		load_import(compiler, module, &module->imports[i], depth);
	for (size_t i = 0; i < module->packet_count; i++)
		import_by_name(compiler, module, module->packets[i]->statements, depth);
	if (compiler->report.error_count == 0)
		fold_constants(compiler, module);
	if (compiler->report.error_count == 0)
		expand(compiler, module);
	bool expanded = compiler->report.error_count == 0;
	for (size_t i = 0; i < module->packet_count && expanded; i++) {
		size_t before = compiler->report.error_count;

		lay_out(compiler, module->packets[i]);
		if (compiler->report.error_count == before)
			check_packet(compiler, module->packets[i]);
	}
	if (compiler->report.error_count == 0)
		name_all(compiler, module);
	module->mark = 2;
	return module;
}

static struct module *finish(struct compiler *compiler, struct module *module)
{
	struct report *report = &compiler->report;

	if (report->error_max != 0 && report->error_count > report->error_max &&
	    report->out != NULL)
		fprintf(report->out, "mplc: %zu more errors not shown\n",
		        report->error_count - report->error_max);
	return report->error_count == 0 ? module : NULL;
}

struct module *compile_file(struct compiler *compiler, const char *path)
{
	int error;
	struct module *module = load_file(compiler, path, 0, &error);

	if (error != 0)
		report_error(&compiler->report, (struct place){ .source = NULL },
		             "cannot read '%s': %s", path, strerror(-error));
	return finish(compiler, module);
}

struct module *compile_text(struct compiler *compiler, const char *path, const char *text,
                            size_t length)
{
	struct source source = { .path = path, .length = length };

	source.text = arena_copy(&compiler->arena, text, length);
	return finish(compiler, load(compiler, &source, 0));
}
