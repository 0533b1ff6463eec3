// SPDX-License-Identifier: ISC
/* Conditions and the nodes that choose by them. */
#include "config/evaluation.h"
#include "config/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct condition {
	bool value;
	char *text; /* as `mirage describe` shows it */
};

static const struct condition *condition_new(bool value, const char *format, ...) printf_like(2, 3);

static const struct condition *condition_new(bool value, const char *format, ...)
{
	struct condition *condition = malloc(sizeof(*condition));
	va_list arguments;

	va_start(arguments, format);
	if (condition == NULL || vasprintf(&condition->text, format, arguments) < 0)
		abort();
	va_end(arguments);
	condition->value = value;
	return condition;
}

static bool target_is_one_of(const char *const *targets)
{
	for (size_t i = 0; targets[i] != NULL; i++)
		if (strcmp(get_target(), targets[i]) == 0)
			return true;
	return false;
}

const struct condition *is_target(const char *target)
{
	return condition_new(strcmp(get_target(), target) == 0, "target is %s", target);
}

const struct condition *is_unix(void)
{
	return condition_new(target_is_one_of((const char *const[]){ "unix", "macosx", NULL }),
	                     "target is unix");
}

const struct condition *is_solo5(void)
{
	return condition_new(
		target_is_one_of((const char *const[]){ "hvt", "spt", "virtio", "muen", NULL }),
		"target is solo5");
}

const struct condition *is_xen(void)
{
	return condition_new(target_is_one_of((const char *const[]){ "xen", "qubes", NULL }),
	                     "target is xen");
}

const struct condition *when_true(const struct key *key)
{
	return condition_new(value_is_true(key), "key %s", key->identifier);
}

const struct condition *when_equals(const struct key *key, const char *text)
{
	const char *value = value_text(key);

	return condition_new(value != NULL && strcmp(value, text) == 0, "key %s = %s",
	                     key->identifier, text);
}

const struct condition *not_condition(const struct condition *condition)
{
	return condition_new(!condition->value, "not (%s)", condition->text);
}

const struct condition *and_condition(const struct condition *a, const struct condition *b)
{
	return condition_new(a->value && b->value, "(%s) and (%s)", a->text, b->text);
}

const struct condition *or_condition(const struct condition *a, const struct condition *b)
{
	return condition_new(a->value || b->value, "(%s) or (%s)", a->text, b->text);
}

static void add_branch(struct impl *choice, const char *label, const struct impl *impl)
{
	json_array_append_new(json_object_get(choice->json, "branches"),
	                      complete(json_pack("{s:s, s:I}", "label", label, "node", impl->id)));
}

static struct impl *choice_new(struct location here, const struct impl *first, const char *text)
{
	if (first == NULL)
		config_fail_at(here, "a branch is NULL: give it a device");

	struct impl *impl = node_new(here, "choice", first->type);

	json_object_set_new(impl->json, "condition", text_to_json(text));
	json_object_set_new(impl->json, "branches", json_array());
	return impl;
}

struct impl *if_impl_new(struct location here, const struct condition *condition, struct impl *yes,
                         struct impl *no, int same_type)
{
	struct impl *impl = choice_new(here, yes, condition->text);

	(void)same_type;
	if (no == NULL)
		config_fail_at(here, "a branch is NULL: give it a device");
	add_branch(impl, "yes", yes);
	add_branch(impl, "no", no);
	json_object_set_new(impl->json, "selected", json_integer(condition->value ? 0 : 1));
	return impl;
}

struct impl *match_impl_new(struct location here, const struct key *key, struct impl *otherwise,
                            const struct impl_case *cases)
{
	const char *value = value_text(key);
	char text[128];
	json_int_t selected = 0;

	snprintf(text, sizeof(text), "key %s", key->identifier);
	struct impl *impl = choice_new(here, otherwise, text);

	add_branch(impl, "otherwise", otherwise);
	for (size_t i = 0; cases[i].text != NULL; i++) {
		if (cases[i].impl == NULL)
			config_fail_at(here, "the case '%s' is NULL: give it a device",
			               cases[i].text);
		if (strcmp(cases[i].impl->type->name, otherwise->type->name) != 0)
			config_fail_at(here, "the case '%s' is a %s device, the others are %s",
			               cases[i].text, cases[i].impl->type->name,
			               otherwise->type->name);
		add_branch(impl, cases[i].text, cases[i].impl);
		if (value != NULL && strcmp(value, cases[i].text) == 0)
			selected = (json_int_t)i + 1;
	}
	json_object_set_new(impl->json, "selected", json_integer(selected));
	return impl;
}
