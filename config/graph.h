/* SPDX-License-Identifier: ISC */
/*
 * The graph under construction, private to config/: nodes as JSON objects, in the format that
 * docs/spec/graph.md describes.
 */
#ifndef CONFIG_GRAPH_H
#define CONFIG_GRAPH_H

#include <jansson.h>
#include <mirage/config.h>

struct impl {
	const struct device_type *type;
	json_t *json; /* owned by the node table */
	json_int_t id;
};

/* A new node of `type` (NULL: decided by the caller's fields), numbered and in the node table. */
struct impl *node_new(struct location here, const char *kind, const struct device_type *type);

/* All nodes, in the order in which they were made. Borrowed. */
json_t *node_table(void);

/* A NULL-terminated list of texts as a JSON array; NULL gives an empty one. */
json_t *texts_to_json(const char *const *texts);
json_t *packages_to_json(const struct package *packages);
json_t *rules_to_json(const struct rule *rules);
json_t *location_to_json(struct location location);

/*
 * What json_pack() made, or the end of the evaluation: it makes nothing of text that is not UTF-8,
 * and an entry must not vanish silently.
 */
json_t *complete(json_t *json);

/* Text or null. */
json_t *text_to_json(const char *text);

#endif
