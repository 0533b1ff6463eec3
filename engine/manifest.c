// SPDX-License-Identifier: ISC
/* The devices that an image asks of its Solo5 tender: checks, and mirage/manifest.json. */
#include "engine/check.h"
#include "engine/generate.h"

#include <stdio.h>
#include <string.h>

#define NAME_LENGTH_MAX 67
#define DEVICES_MAX     63

static bool is_manifest_name(const char *name)
{
	size_t length = strlen(name);

	return length >= 1 && length <= NAME_LENGTH_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
	               length;
}

/* Where the device is asked for: its name close to the node's place, else that place. */
static struct place place_of_device(const struct node *node)
{
	enum {
		NEAR_LINES = 16
	};
	struct place place = place_of_name(node->place, node->manifest.name);

	if (place.column != 0 &&
	    (node->place.line == 0 || place.line - node->place.line <= NEAR_LINES))
		return place;
	return place_of_name(node->place, node->name);
}

static int report_duplicate(const struct node *first, const struct node *second)
{
	struct place before = place_of_device(first), here = place_of_device(second);
	char hint[512];

	/* Nodes of devices that come with Mirage have no line: the name's next use is the second. */
	if (second->place.line == 0 && before.line != 0) {
		struct place after = place_of_name(
			(struct place){ .file = before.file, .line = before.line + 1 },
			second->manifest.name);
		here = after.column != 0 ? after : here;
	}
	snprintf(hint, sizeof(hint),
	         "the other, '%s', is at %s:%d; give each device a name of its own, or use one "
	         "device twice",
	         first->name, before.file, before.line);
	return diagnostic_error(here, hint, "two devices of the manifest are called '%s'",
	                        second->manifest.name);
}

/* The device with the name of `node`'s among those before it in the order, or NULL. */
static const struct node *find_duplicate(const struct graph *graph, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (graph->order[i]->manifest.type != MANIFEST_NONE &&
		    strcmp(graph->order[i]->manifest.name, graph->order[index]->manifest.name) == 0)
			return graph->order[i];
	return NULL;
}

static int check_device(const struct graph *graph, size_t index)
{
	const struct node *node = graph->order[index];
	const struct node *duplicate = find_duplicate(graph, index);

	if (!is_manifest_name(node->manifest.name))
		return diagnostic_error(place_of_device(node),
		                        "names in a manifest are 1 to 67 letters and digits, such "
		                        "as \"service\" or \"storage\"",
		                        "'%s' cannot be the name of a device of the manifest",
		                        node->manifest.name);
	if (duplicate == NULL)
		return 0;
	/* The order is that of need, the message that of the file. */
	return duplicate->place.line <= node->place.line ? report_duplicate(duplicate, node)
	                                                 : report_duplicate(node, duplicate);
}

int check_manifest(const struct graph *graph)
{
	size_t count = 0;

	for (size_t i = 0; i < graph->order_count; i++) {
		if (graph->order[i]->manifest.type == MANIFEST_NONE)
			continue;
		if (++count > DEVICES_MAX)
			return diagnostic_error(
				place_of_device(graph->order[i]), "a manifest has room for 63",
				"the image asks for more than %d devices", DEVICES_MAX);
		int error = check_device(graph, i);
		if (error != 0)
			return error;
	}
	return 0;
}

void generate_manifest(const struct project *project, FILE *file)
{
	const struct graph *graph = project->graph;
	bool first = true;

	fputs("{\n  \"type\": \"solo5.manifest\",\n  \"version\": 1,\n  \"devices\": [", file);
	for (size_t i = 0; i < graph->order_count; i++) {
		const struct manifest_request *device = &graph->order[i]->manifest;

		if (device->type == MANIFEST_NONE)
			continue;
		fprintf(file, "%s\n    { \"name\": \"%s\", \"type\": \"%s\" }", first ? "" : ",",
		        device->name, device->type == MANIFEST_NET ? "NET_BASIC" : "BLOCK_BASIC");
		first = false;
	}
	fprintf(file, "%s]\n}\n", first ? "" : "\n  ");
}
