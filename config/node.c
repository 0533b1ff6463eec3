// SPDX-License-Identifier: ISC
/* Nodes of the device graph. */
#include "config/graph.h"

#include <stdlib.h>
#include <string.h>

static json_t *nodes;

json_t *node_table(void)
{
	if (nodes == NULL)
		nodes = json_array();
	return nodes;
}

json_t *complete(json_t *json)
{
	if (json == NULL)
		config_fail_at((struct location){ "", 0 },
		               "a text is not UTF-8: save config.c in UTF-8");
	return json;
}

json_t *text_to_json(const char *text)
{
	if (text == NULL)
		return json_null();
	return complete(json_string(text));
}

json_t *texts_to_json(const char *const *texts)
{
	json_t *array = json_array();

	for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
		json_array_append_new(array, text_to_json(texts[i]));
	return array;
}

json_t *location_to_json(struct location location)
{
	return complete(json_pack("{s:s, s:i}", "file", location.file, "line", location.line));
}

json_t *packages_to_json(const struct package *packages)
{
	json_t *array = json_array();

	for (size_t i = 0; packages != NULL && packages[i].name != NULL; i++) {
		const struct package *p = &packages[i];

		json_array_append_new(
			array, complete(json_pack("{s:s, s:s?, s:s?, s:s?, s:b}", "name", p->name,
		                                  "min", p->min, "max", p->max, "pkg_config",
		                                  p->pkg_config, "build", (int)p->build)));
	}
	return array;
}

json_t *rules_to_json(const struct rule *rules)
{
	json_t *array = json_array();

	for (size_t i = 0; rules != NULL && rules[i].output != NULL; i++)
		json_array_append_new(
			array,
			complete(json_pack("{s:s, s:o, s:o, s:s}", "output", rules[i].output,
		                           "inputs", texts_to_json(rules[i].inputs), "folders",
		                           texts_to_json(rules[i].folders), "command",
		                           rules[i].command != NULL ? rules[i].command : "")));
	return array;
}

static json_t *type_to_json(const struct device_type *type)
{
	return complete(json_pack("{s:s, s:s?, s:s?}", "name", type->name, "header", type->header,
	                          "parameter", type->parameter));
}

struct impl *node_new(struct location here, const char *kind, const struct device_type *type)
{
	struct impl *impl = calloc(1, sizeof(*impl));

	if (impl == NULL)
		config_fail_at(here, "out of memory");
	impl->type = type;
	impl->id = (json_int_t)json_array_size(node_table());
	impl->json = complete(json_pack("{s:s, s:I, s:o, s:o}", "kind", kind, "id", impl->id,
	                                "location", location_to_json(here), "after", json_array()));
	if (type != NULL)
		json_object_set_new(impl->json, "type", type_to_json(type));
	json_array_append_new(node_table(), impl->json);
	return impl;
}

struct impl *noop_new(struct location here)
{
	return node_new(here, "noop", &job_type);
}

static void require_impl(struct location here, const struct impl *impl, const char *what)
{
	if (impl == NULL)
		config_fail_at(here, "%s is NULL: give it a device", what);
}

struct impl *job_new(struct location here, const char *constructor, const char *function,
                     const struct dependency *dependencies)
{
	struct impl *impl = node_new(here, "job", &job_type);
	json_t *devices = json_array();

	for (size_t i = 0; dependencies[i].type != NULL; i++) {
		require_impl(here, dependencies[i].impl, constructor);
		json_array_append_new(
			devices, complete(json_pack("{s:I, s:o}", "node", dependencies[i].impl->id,
		                                    "type", type_to_json(dependencies[i].type))));
	}
	json_object_set_new(impl->json, "name", text_to_json(constructor));
	json_object_set_new(impl->json, "function", text_to_json(function));
	json_object_set_new(impl->json, "devices", devices);
	return impl;
}

static json_t *wires_to_json(struct location here, const struct device_wire *wires)
{
	json_t *array = json_array();

	for (size_t i = 0; wires != NULL && wires[i].field != NULL; i++) {
		require_impl(here, wires[i].impl, wires[i].field);
		json_array_append_new(array,
		                      complete(json_pack("{s:s, s:I}", "field", wires[i].field,
		                                         "node", wires[i].impl->id)));
	}
	return array;
}

static json_t *values_to_json(const struct device_value *values)
{
	json_t *array = json_array();

	for (size_t i = 0; values != NULL && values[i].field != NULL; i++) {
		const struct device_value *v = &values[i];

		json_array_append_new(
			array,
			complete(json_pack("{s:s, s:s?, s:s?, s:s?}", "field", v->field, "text",
		                           v->text, "expression", v->expression, "key",
		                           v->key != NULL ? v->key->identifier : NULL)));
	}
	return array;
}

static json_t *manifest_to_json(struct location here, const struct manifest_device *manifest)
{
	if (manifest->type == NULL)
		return json_null();
	if (manifest->name == NULL)
		config_fail_at(here, "a %s device of the manifest has no name", manifest->type);
	return complete(json_pack("{s:s, s:s}", "type", manifest->type, "name", manifest->name));
}

struct impl *device_new(struct location here, const struct device_type *type,
                        const char *implementation, const struct device *device)
{
	struct impl *impl = node_new(here, "device", type);

	json_object_update_new(
		impl->json,
		complete(json_pack(
			"{s:s, s:s?, s:s?, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			"s:o}",
			"name", implementation, "header", device->header, "declaration",
			device->declaration, "state", (int)device->state, "connect",
			(int)device->connect, "disconnect", (int)device->disconnect, "devices",
			wires_to_json(here, device->devices), "values",
			values_to_json(device->values), "targets", texts_to_json(device->targets),
			"sources", texts_to_json(device->sources), "libraries",
			texts_to_json(device->libraries), "packages",
			packages_to_json(device->packages), "rules", rules_to_json(device->rules),
			"install", texts_to_json(device->install), "manifest",
			manifest_to_json(here, &device->manifest))));
	for (size_t i = 0; device->after != NULL && device->after[i] != NULL; i++)
		depends_on_at(here, impl, device->after[i]);
	return impl;
}

void depends_on_at(struct location here, struct impl *device, struct impl *other)
{
	require_impl(here, device, "depends_on()");
	require_impl(here, other, "depends_on()");
	json_array_append_new(json_object_get(device->json, "after"), json_integer(other->id));
}
