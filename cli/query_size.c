// SPDX-License-Identifier: ISC
#include "cli/query_size.h"
#include "engine/size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LARGEST 15

static void add_source(void *context, const char *path)
{
	struct texts *texts = context;
	const char **items =
		realloc((void *)(uintptr_t)texts->items, (texts->count + 1) * sizeof(*items));
	char *copy = strdup(path);

	if (items == NULL || copy == NULL)
		exit(EXIT_BUG);
	texts->items = items;
	texts->items[texts->count++] = copy;
}

static json_t *row(const char *name, const uint64_t bytes[SIZE_KINDS])
{
	uint64_t total = bytes[SIZE_TEXT] + bytes[SIZE_DATA] + bytes[SIZE_BSS];

	return json_pack("{s:s, s:I, s:I, s:I, s:I}", "name", name, "text",
	                 (json_int_t)bytes[SIZE_TEXT], "data", (json_int_t)bytes[SIZE_DATA], "bss",
	                 (json_int_t)bytes[SIZE_BSS], "total", (json_int_t)total);
}

static uint64_t total_of(const struct size_part *part)
{
	return part->bytes[SIZE_TEXT] + part->bytes[SIZE_DATA] + part->bytes[SIZE_BSS];
}

static int compare_parts(const void *a, const void *b)
{
	const struct size_part *x = *(const struct size_part *const *)a;
	const struct size_part *y = *(const struct size_part *const *)b;

	if (total_of(x) != total_of(y))
		return total_of(x) > total_of(y) ? -1 : 1;
	return strcmp(x->name, y->name);
}

static json_t *rows(const struct size_report *report, uint64_t sum[SIZE_KINDS])
{
	const struct size_part **order = calloc(report->part_count + 1, sizeof(struct size_part *));
	json_t *array = json_array();

	for (size_t i = 0; order != NULL && i < report->part_count; i++)
		order[i] = &report->parts[i];
	if (order != NULL)
		qsort(order, report->part_count, sizeof(struct size_part *), compare_parts);
	for (size_t i = 0; order != NULL && i < report->part_count; i++) {
		for (size_t kind = 0; kind < SIZE_KINDS; kind++)
			sum[kind] += order[i]->bytes[kind];
		if (total_of(order[i]) > 0)
			json_array_append_new(array, row(order[i]->name, order[i]->bytes));
	}
	free(order);
	return array;
}

static json_t *largest(const struct size_report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->symbol_count && json_array_size(array) < LARGEST; i++) {
		const struct size_symbol *symbol = &report->symbols[i];

		if (strchr("tTwW", symbol->type) == NULL || symbol->part >= report->part_count)
			continue;
		json_array_append_new(array, json_pack("{s:s, s:I, s:s}", "name", symbol->name,
		                                       "size", (json_int_t)symbol->size, "library",
		                                       report->parts[symbol->part].name));
	}
	return array;
}

json_t *ask_size(const struct workspace *workspace)
{
	struct texts sources = { .count = 0 };
	struct size_report report;
	struct stat status = { .st_size = 0 };
	char result[4096], folder[256];
	uint64_t sum[SIZE_KINDS] = { 0 };
	json_t *answer = NULL;

	project_result(&workspace->project, result, sizeof(result));
	snprintf(folder, sizeof(folder), "_build/%s", workspace->project.target);
	add_source(&sources, "mirage/main.c");
	for_each_source(&workspace->graph, add_source, &sources);
	if (size_measure(&report, folder, &sources) == 0) {
		json_t *libraries = rows(&report, sum);

		error_ignore(stat(result, &status), "then it has no size");
		answer = json_pack("{s:s, s:I, s:o, s:o, s:o}", "file", result, "bytes",
		                   (json_int_t)status.st_size, "libraries", libraries, "sum",
		                   row("sum", sum), "largest", largest(&report));
	}
	size_report_free(&report);
	for (size_t i = 0; i < sources.count; i++)
		free((void *)(uintptr_t)sources.items[i]);
	free(sources.items);
	return answer;
}

static json_int_t number(const json_t *object, const char *field)
{
	return json_integer_value(json_object_get(object, field));
}

static const char *text(const json_t *object, const char *field)
{
	return json_string_value(json_object_get(object, field));
}

static void print_row(const json_t *item)
{
	printf("%9lld %8lld %8lld %9lld  %s\n", (long long)number(item, "text"),
	       (long long)number(item, "data"), (long long)number(item, "bss"),
	       (long long)number(item, "total"), text(item, "name"));
}

void print_size(const json_t *answer)
{
	size_t index;
	json_t *item;

	printf("%s: %lld bytes\n\n%9s %8s %8s %9s  %s\n", text(answer, "file"),
	       (long long)number(answer, "bytes"), "text", "data", "bss", "total", "library");
	json_array_foreach(json_object_get(answer, "libraries"), index, item)
	{
		print_row(item);
	}
	print_row(json_object_get(answer, "sum"));
	puts("\nLargest functions");
	json_array_foreach(json_object_get(answer, "largest"), index, item)
	{
		printf("%9lld  %-32s %s\n", (long long)number(item, "size"), text(item, "name"),
		       text(item, "library"));
	}
}
