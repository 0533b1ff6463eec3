// SPDX-License-Identifier: ISC
/* mirage/key_gen.h: an accessor for each key. */
#include "engine/generate.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *value_type(enum argument_type type)
{
	static const char *const types[] = {
		[ARGUMENT_STRING] = "const char *",
		[ARGUMENT_INT] = "int64_t ",
		[ARGUMENT_BOOL] = "bool ",
		[ARGUMENT_FLAG] = "bool ",
		[ARGUMENT_IPV4] = "struct ipv4_address ",
		[ARGUMENT_IPV6] = "struct ipv6_address ",
		[ARGUMENT_PREFIX] = "struct ip_prefix ",
		[ARGUMENT_MAC] = "struct mac_address ",
		[ARGUMENT_SIZE] = "uint64_t ",
		[ARGUMENT_DURATION] = "nanoseconds ",
		[ARGUMENT_ENUM] = "const char *",
	};

	return types[type];
}

static const char *value_member(enum argument_type type)
{
	static const char *const members[] = {
		[ARGUMENT_STRING] = "string", [ARGUMENT_INT] = "integer",
		[ARGUMENT_BOOL] = "boolean",  [ARGUMENT_FLAG] = "boolean",
		[ARGUMENT_IPV4] = "ipv4",     [ARGUMENT_IPV6] = "ipv6",
		[ARGUMENT_PREFIX] = "prefix", [ARGUMENT_MAC] = "mac",
		[ARGUMENT_SIZE] = "size",     [ARGUMENT_DURATION] = "duration",
		[ARGUMENT_ENUM] = "string",
	};

	return members[type];
}

/* "--hello=TEXT: How to say hello." without what would end the comment. */
static void print_comment(FILE *file, const struct key_declaration *key)
{
	char text[512];

	snprintf(text, sizeof(text), "--%.*s%s%s%s%s",
	         (int)argument_name_length(key->argument.names), key->argument.names,
	         key->argument.type == ARGUMENT_FLAG ? "" : "=",
	         key->argument.type == ARGUMENT_FLAG ? "" : argument_placeholder(&key->argument),
	         key->doc != NULL ? ": " : "", key->doc != NULL ? key->doc : "");
	for (char *c = text; *c != '\0'; c++)
		if ((*c == '*' && c[1] == '/') || (*c == '/' && c[1] == '*') || *c == '\n')
			*c = ' ';
	fprintf(file, "\n/* %s */\n", text);
}

static void print_runtime_key(FILE *file, const struct key_declaration *key, int index)
{
	const char *name = key->identifier;
	const char *type = value_type(key->argument.type);
	const char *member = value_member(key->argument.type);

	if (key->argument.list) {
		fprintf(file,
		        "static inline size_t key_%s_count(void)\n{\n"
		        "\treturn image.values[%d].count;\n}\n\n"
		        "static inline %skey_%s(size_t index)\n{\n"
		        "\treturn image.values[%d].items[index].%s;\n}\n",
		        name, index, type, name, index, member);
		return;
	}
	fprintf(file, "static inline %skey_%s(void)\n{\n\treturn image.values[%d].%s;\n}\n", type,
	        name, index, member);
	if (key->argument.value == NULL && !key->argument.required &&
	    key->argument.type != ARGUMENT_FLAG)
		fprintf(file,
		        "\n/* False: the option was not given, and key_%s() is zero. */\n"
		        "static inline bool key_%s_present(void)\n{\n"
		        "\treturn image.values[%d].present;\n}\n",
		        name, name, index);
}

static void print_bytes(FILE *file, const uint8_t *bytes, size_t count)
{
	fputs("{ { ", file);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "%s%u", i > 0 ? ", " : "", bytes[i]);
	fputs(" } }", file);
}

/* The value as a C expression of the type that value_type() names. */
static void print_constant(FILE *file, enum argument_type type, const struct argument_value *value)
{
	switch (type) {
	case ARGUMENT_STRING:
	case ARGUMENT_ENUM:
		print_c_string(file, value->present ? value->string : NULL);
		break;
	case ARGUMENT_INT:
		fprintf(file, "INT64_C(%" PRId64 ")", value->integer);
		break;
	case ARGUMENT_BOOL:
	case ARGUMENT_FLAG:
		fputs(value->present && value->boolean ? "true" : "false", file);
		break;
	case ARGUMENT_IPV4:
		fputs("(struct ipv4_address)", file);
		print_bytes(file, value->ipv4.bytes, 4);
		break;
	case ARGUMENT_IPV6:
		fputs("(struct ipv6_address)", file);
		print_bytes(file, value->ipv6.bytes, 16);
		break;
	case ARGUMENT_MAC:
		fputs("(struct mac_address)", file);
		print_bytes(file, value->mac.bytes, 6);
		break;
	case ARGUMENT_PREFIX:
		fprintf(file, "(struct ip_prefix){ .is_ipv6 = %s, .bits = %u, .address.%s = ",
		        value->prefix.is_ipv6 ? "true" : "false", value->prefix.bits,
		        value->prefix.is_ipv6 ? "ipv6" : "ipv4");
		if (value->prefix.is_ipv6)
			print_bytes(file, value->prefix.address.ipv6.bytes, 16);
		else
			print_bytes(file, value->prefix.address.ipv4.bytes, 4);
		fputs(" }", file);
		break;
	case ARGUMENT_SIZE:
		fprintf(file, "UINT64_C(%" PRIu64 ")", value->size);
		break;
	case ARGUMENT_DURATION:
		fprintf(file, "UINT64_C(%" PRIu64 ")", value->duration);
		break;
	}
}

/* A key that configure fixed: a constant, so that the compiler drops what it rules out. */
static int print_configured_key(FILE *file, const struct key_declaration *key)
{
	const char *name = key->identifier;
	enum argument_type type = key->argument.type;
	struct argument_value value = { .present = false };
	struct arguments_error error;

	if (key->argument.value != NULL &&
	    argument_parse(&key->argument, key->argument.value, &value, &error) != 0)
		return diagnostic_failure(NULL, "option '--%s': %s", name, error.text);
	value.present = key->argument.value != NULL;
	if (key->argument.list) {
		fprintf(file, "static inline size_t key_%s_count(void)\n{\n\treturn %zu;\n}\n\n",
		        name, value.count);
		fprintf(file, "static inline %skey_%s(size_t index)\n{\n\tswitch (index) {\n",
		        value_type(type), name);
		for (size_t i = 0; i < value.count; i++) {
			fprintf(file, "\tcase %zu:\n\t\treturn ", i);
			print_constant(file, type, &value.items[i]);
			fputs(";\n", file);
		}
		fputs("\tdefault:\n\t\t__builtin_trap();\n\t}\n}\n", file);
	} else {
		fprintf(file, "static inline %skey_%s(void)\n{\n\treturn ", value_type(type), name);
		print_constant(file, type, &value);
		fputs(";\n}\n", file);
	}
	argument_value_free(&value);
	return 0;
}

int generate_keys(const struct project *project, FILE *file)
{
	const struct graph *graph = project->graph;
	int error = 0;

	fprintf(file,
	        "/*\n * " OUTPUT_MARK " from %s for target %s: do not edit.\n"
	        " * The keys of '%s': what each option is set to.\n */\n"
	        "#ifndef MIRAGE_KEY_GEN_H\n#define MIRAGE_KEY_GEN_H\n\n"
	        "#include <mirage/image.h>\n",
	        project->file, project->target, graph->name);
	for (size_t i = 0; i < graph->key_count && error == 0; i++) {
		const struct key_declaration *key = &graph->keys[i];

		print_comment(file, key);
		if (key->stage == STAGE_CONFIGURE)
			error = print_configured_key(file, key);
		else
			print_runtime_key(file, key, key_index(graph, key));
	}
	fputs("\n#endif\n", file);
	return error;
}
