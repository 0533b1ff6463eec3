/* SPDX-License-Identifier: ISC */
/*
 * The device graph as the tool sees it: what config.c evaluated to, checked for form.
 *
 * Ownership.  The graph owns everything below it; strings point into the JSON document it keeps.
 * See also.   docs/spec/graph.md (the document), config/ (what writes it)
 */
#ifndef ENGINE_GRAPH_H
#define ENGINE_GRAPH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include <mirage/arguments.h>
#include <mirage/attributes.h>

#include "engine/diagnostic.h"

enum node_kind {
	NODE_NOOP,
	NODE_JOB,
	NODE_DEVICE,
	NODE_CHOICE
};

struct texts {
	const char **items;
	size_t count;
};

struct node_type {
	const char *name;
	const char *header;    /* NULL: <mirage/NAME.h> */
	const char *parameter; /* NULL: const struct NAME * */
};

/* A device that a node uses. */
struct node_edge {
	const char *field;     /* of a device's wiring; NULL for a job's parameter */
	struct node_type type; /* declared, for a job's parameter */
	struct node *node;
};

struct node_value {
	const char *field;
	const char *text;
	const char *expression;
	const char *key;
};

struct package_request {
	const char *name;
	const char *min;
	const char *max;
	const char *pkg_config;
	bool build;
};

struct build_rule {
	const char *output;
	struct texts inputs;
	struct texts folders; /* all that is in them is input */
	const char *command;
};

/* A device that the image asks of its Solo5 tender. */
enum manifest_type {
	MANIFEST_NONE,
	MANIFEST_NET,
	MANIFEST_BLOCK
};

struct manifest_request {
	enum manifest_type type;
	const char *name;
};

struct packages {
	struct package_request *items;
	size_t count;
};

struct rules {
	struct build_rule *items;
	size_t count;
};

/* What a node, or the unikernel itself, brings into the build. */
struct build_inputs {
	struct texts sources;
	struct texts libraries;
	struct texts install;
	struct packages packages;
	struct rules rules;
};

struct node {
	enum node_kind kind;
	size_t id;
	struct place place;
	struct node_type type;
	const char *name;     /* implementation, or a job's constructor; "" for others */
	const char *function; /* a job's entry point */
	const char *header;
	const char *declaration; /* C text, or NULL */
	bool state;
	bool connect;
	bool disconnect;
	struct node_edge *edges;
	size_t edge_count;
	struct node **after;
	size_t after_count;
	struct node_value *values;
	size_t value_count;
	struct texts targets;
	struct build_inputs inputs;
	struct manifest_request manifest;
	/* a choice */
	const char *condition;
	struct texts labels; /* of the edges */
	size_t selected;
	/* set by select_nodes() */
	bool active;
	unsigned mark;
	size_t instance; /* counts the active devices of one implementation from 1 */
};

enum key_stage_name {
	STAGE_BOTH,
	STAGE_CONFIGURE,
	STAGE_RUN
};

struct key_declaration {
	const char *identifier;
	struct place place;
	enum key_stage_name stage;
	struct argument argument; /* as declared; its value is the default that configure set */
	const char *declared_value;
	const char *doc;
};

struct graph {
	json_t *document;
	const char *name;
	struct place place; /* of register_unikernel() */
	struct node *nodes;
	size_t node_count;
	struct node **jobs;
	size_t job_count;
	struct key_declaration *keys; /* the runtime's own first: IMAGE_ARGUMENT_… */
	size_t key_count;
	struct build_inputs inputs;
	struct texts compile_flags;
	struct texts link_flags;
	json_t *environment; /* borrowed from document */
	/* set by select_nodes(): active devices, each after those it needs */
	struct node **order;
	size_t order_count;
};

/*
 * Read a graph from its JSON document, taking the reference. `file` is the configuration file, for
 * places without one.
 *
 * -EINVAL  the document is an error of config.c, or not a graph; reported
 */
must_check int graph_load(struct graph *graph, json_t *document, const char *file);

void graph_free(struct graph *graph);

/* What graph_load() ends with: every text that must be there is, and types fit. */
bool graph_is_sound(const struct graph *graph);

/* "net" or "block". */
const char *manifest_type_name(enum manifest_type type);

/* The node that stands for `node` once its choices are made. */
const struct node *node_resolve(const struct node *node);

/* True if `text` can name something in C; false for NULL. */
bool is_c_identifier(const char *text);

/* "const struct time *" and "mirage/time.h". */
const char *node_type_parameter(const struct node_type *type, char buffer[], size_t size);
const char *node_type_header(const struct node_type *type, char buffer[], size_t size);

/*
 * Make the choices: mark what the jobs reach, number the instances, and order devices so that each
 * comes after those it needs.
 *
 * -EINVAL  a cycle; reported with its path
 */
must_check int select_nodes(struct graph *graph);

#endif
