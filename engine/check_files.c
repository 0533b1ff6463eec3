// SPDX-License-Identifier: ISC
/* Checks of files: sources, libraries, installed files, and the rules that make some of them. */
#include "engine/check.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_inside_project(const char *path)
{
	if (path[0] == '\0' || path[0] == '/')
		return false;
	for (const char *part = path; part != NULL;
	     part = strchr(part, '/') != NULL ? strchr(part, '/') + 1 : NULL)
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
			return false;
	return strpbrk(path, " \t\n'\"$`\\:;#%*?=") == NULL;
}

/* The project's file whose name is nearest to `path`, as a hint. */
static void nearest_file(const char *path, char hint[], size_t size)
{
	enum {
		FILES_MAX = 256
	};
	static char names[FILES_MAX][256];
	const char *list[FILES_MAX];
	size_t count = 0;
	DIR *directory = opendir(".");

	hint[0] = '\0';
	for (struct dirent *entry;
	     directory != NULL && count < FILES_MAX && (entry = readdir(directory)) != NULL;) {
		snprintf(names[count], sizeof(names[count]), "%s", entry->d_name);
		list[count] = names[count];
		count++;
	}
	if (directory != NULL)
		closedir(directory);
	const char *nearest = nearest_name(path, list, count);
	if (nearest != NULL)
		snprintf(hint, size, "did you mean '%s'?", nearest);
	else
		snprintf(hint, size, "create it, or correct the name");
}

static int check_file(const struct graph *graph, struct place place, const char *path,
                      const char *what)
{
	char hint[300];
	struct stat status;

	if (!is_inside_project(path))
		return diagnostic_error(place_of_name(place, path),
		                        "use a path below the project's folder, without spaces",
		                        "%s '%s' is not a file of the project", what, path);
	if (rule_for(graph, path) != NULL)
		return 0;
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, R_OK) == 0)
		return 0;
	nearest_file(path, hint, sizeof(hint));
	return diagnostic_error(place_of_name(place, path), hint, "%s '%s' %s", what, path,
	                        errno == EACCES ? "cannot be read" : "does not exist");
}

static int check_list(const struct graph *graph, struct place place, const struct texts *files,
                      const char *what)
{
	for (size_t i = 0; i < files->count; i++) {
		int error = check_file(graph, place, files->items[i], what);

		if (error != 0)
			return error;
		for (size_t j = 0; j < i; j++)
			if (strcmp(files->items[i], files->items[j]) == 0)
				return diagnostic_error(place_of_name(place, files->items[i]),
				                        "name it once", "%s '%s' is listed twice",
				                        what, files->items[i]);
	}
	return 0;
}

static int check_library(struct place place, const char *path)
{
	size_t sources = 0;
	DIR *directory = is_inside_project(path) ? opendir(path) : NULL;

	if (directory == NULL)
		return diagnostic_error(place_of_name(place, path),
		                        "a local library is a folder beside config.c",
		                        "library '%s' does not exist", path);
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		const char *dot = strrchr(entry->d_name, '.');
		sources += dot != NULL && strcmp(dot, ".c") == 0;
	}
	closedir(directory);
	if (sources == 0)
		return diagnostic_error(place_of_name(place, path),
		                        "put the library's .c files into that folder",
		                        "library '%s' has no C sources", path);
	return 0;
}

static int check_inputs(const struct graph *graph, struct place place,
                        const struct build_inputs *inputs)
{
	int error = check_list(graph, place, &inputs->sources, "source file");

	if (error == 0)
		error = check_list(graph, place, &inputs->install, "installed file");
	for (size_t i = 0; i < inputs->sources.count && error == 0; i++) {
		const char *dot = strrchr(inputs->sources.items[i], '.');

		if (dot == NULL ||
		    (strcmp(dot, ".c") != 0 && strcmp(dot, ".S") != 0 && strcmp(dot, ".mpl") != 0))
			error = diagnostic_error(
				place_of_name(place, inputs->sources.items[i]),
				"sources are .c, .S or .mpl files; headers are found by themselves",
				"'%s' is no C source", inputs->sources.items[i]);
	}
	for (size_t i = 0; i < inputs->libraries.count && error == 0; i++)
		error = check_library(place, inputs->libraries.items[i]);
	return error;
}

int check_files(const struct graph *graph)
{
	return for_each_inputs(graph, check_inputs);
}

/* The rule with this output among `inputs`. */
static const struct build_rule *find_rule(const struct build_inputs *inputs, const char *path)
{
	for (size_t i = 0; i < inputs->rules.count; i++)
		if (strcmp(inputs->rules.items[i].output, path) == 0)
			return &inputs->rules.items[i];
	return NULL;
}

const struct build_rule *rule_for(const struct graph *graph, const char *path)
{
	const struct build_rule *rule = find_rule(&graph->inputs, path);

	for (size_t i = 0; i < graph->order_count && rule == NULL; i++)
		rule = find_rule(&graph->order[i]->inputs, path);
	return rule;
}

/* True if making `rule` needs `output`; `depth` bounds the walk through a cycle elsewhere. */
static bool rule_needs(const struct graph *graph, const struct build_rule *rule, const char *output,
                       size_t depth)
{
	for (size_t i = 0; i < rule->inputs.count && depth > 0; i++) {
		const struct build_rule *input = rule_for(graph, rule->inputs.items[i]);

		if (strcmp(rule->inputs.items[i], output) == 0 ||
		    (input != NULL && rule_needs(graph, input, output, depth - 1)))
			return true;
	}
	return false;
}

static bool texts_are_equal(const struct texts *a, const struct texts *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return a->count == b->count;
}

static bool rules_are_equal(const struct build_rule *a, const struct build_rule *b)
{
	return a == b ||
	       (strcmp(a->output, b->output) == 0 && strcmp(a->command, b->command) == 0 &&
	        texts_are_equal(&a->inputs, &b->inputs) &&
	        texts_are_equal(&a->folders, &b->folders));
}

static int check_folder(struct place place, const char *path)
{
	char hint[300];
	struct stat status;

	if (!is_inside_project(path))
		return diagnostic_error(place_of_name(place, path),
		                        "use a path below the project's folder, without spaces",
		                        "folder '%s' is not in the project", path);
	bool exists = stat(path, &status) == 0;

	if (exists && S_ISDIR(status.st_mode))
		return 0;
	nearest_file(path, hint, sizeof(hint));
	return diagnostic_error(place_of_name(place, path),
	                        exists ? "give the folder that it is in" : hint, "folder '%s' %s",
	                        path, exists ? "is a file" : "does not exist");
}

static int check_rule(const struct graph *graph, struct place place, const struct build_rule *rule)
{
	enum {
		CHAIN_MAX = 64
	};
	struct place at = place_of_name(place, rule->output);

	if (!is_inside_project(rule->output))
		return diagnostic_error(at, "use a path below the project's folder, without spaces",
		                        "a rule cannot make '%s'", rule->output);
	if (strcmp(rule->output, place.file) == 0)
		return diagnostic_error(at, NULL, "a rule cannot make the configuration itself");
	if (rule->command == NULL || rule->command[0] == '\0')
		return diagnostic_error(at, "give it a .command", "the rule for '%s' does nothing",
		                        rule->output);
	if (!rules_are_equal(rule_for(graph, rule->output), rule))
		return diagnostic_error(at, "keep one of them", "two rules make '%s'",
		                        rule->output);
	if (rule_needs(graph, rule, rule->output, CHAIN_MAX))
		return diagnostic_error(at, "break the cycle", "'%s' is made from itself",
		                        rule->output);
	for (size_t i = 0; i < rule->folders.count; i++) {
		int error = check_folder(place, rule->folders.items[i]);

		if (error != 0)
			return error;
	}
	return check_list(graph, place, &rule->inputs, "input");
}

static int check_rules_of(const struct graph *graph, struct place place,
                          const struct build_inputs *inputs)
{
	int error = 0;

	for (size_t i = 0; i < inputs->rules.count && error == 0; i++)
		error = check_rule(graph, place, &inputs->rules.items[i]);
	return error;
}

int check_rules(const struct graph *graph)
{
	return for_each_inputs(graph, check_rules_of);
}
