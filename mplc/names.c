// SPDX-License-Identifier: ISC
/* Names in C: every packet, field, arm and value gets one, and no two the same. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mplc/compiler.h"

struct used_name {
	const char *name;
	struct place place;
};

struct naming {
	struct compiler *compiler;
	struct used_name *used;
	size_t used_count;
};

static void use(struct naming *naming, const char *name, struct place place)
{
	const struct used_name used = { name, place };

	arena_push(&naming->compiler->arena, naming->used, naming->used_count, used);
}

/* An identifier: what C does not take is written out. */
static char *identifier(struct compiler *compiler, const char *name)
{
	char *text = arena_take(&compiler->arena, strlen(name) * 3 + 2), *to = text;

	if (isdigit((unsigned char)name[0]))
		*to++ = '_';
	for (const char *c = name; *c != '\0'; c++) {
		if (isalnum((unsigned char)*c) || *c == '_')
			*to++ = *c;
		else if (*c == '\'')
			*to++ = 'q';
		else if ((unsigned char)*c >= 0x80)
			to += sprintf(to, "x%02X", (unsigned char)*c);
		else
			*to++ = '_';
	}
	return text;
}

/* EchoReply -> echo_reply, IPv4 -> ipv4 */
static char *snake(struct compiler *compiler, const char *name)
{
	const char *from = identifier(compiler, name);
	char *text = arena_take(&compiler->arena, strlen(from) * 2 + 1), *to = text;

	for (size_t i = 0; from[i] != '\0'; i++) {
		bool starts = i > 0 && isupper((unsigned char)from[i]) &&
		              (islower((unsigned char)from[i - 1]) ||
		               isdigit((unsigned char)from[i - 1]));

		if (starts)
			*to++ = '_';
		*to++ = (char)tolower((unsigned char)from[i]);
	}
	return text;
}

static const char *upper(struct compiler *compiler, const char *name)
{
	char *text = snake(compiler, name);

	for (char *c = text; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return text;
}

static bool is_one_of(const char *name, const char *const words[])
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

/* A word of C, or a macro of the headers that generated code includes. */
static bool is_taken(const char *name)
{
	static const char *const words[] = {
		"auto",      "break",  "case",     "char",   "const",    "continue", "default",
		"do",        "double", "else",     "enum",   "extern",   "float",    "for",
		"goto",      "if",     "inline",   "int",    "long",     "register", "restrict",
		"return",    "short",  "signed",   "sizeof", "static",   "struct",   "switch",
		"typedef",   "union",  "unsigned", "void",   "volatile", "while",    "asm",
		"bool",      "true",   "false",    "errno",  "linux",    "unix",     "must_check",
		"no_return", "typeof", NULL,
	};

	return is_one_of(name, words);
}

static const char *member_name(struct compiler *compiler, const char *name)
{
	const char *text = identifier(compiler, name);

	return is_taken(text) ? arena_format(&compiler->arena, "%s_", text) : text;
}

static void name_variant(struct naming *naming, struct field *field)
{
	struct variant *variant = field->attributes.variant;
	const char *prefix = upper(naming->compiler, field->accessor);

	for (size_t i = 0; variant != NULL && i < variant->count; i++) {
		struct variant_member *member = &variant->members[i];

		member->c_name = arena_format(&naming->compiler->arena, "%s_%s", prefix,
		                              upper(naming->compiler, member->name));
		use(naming, member->c_name, member->place);
	}
	if (variant != NULL)
		use(naming, arena_format(&naming->compiler->arena, "%s_name", field->accessor),
		    field->place);
}

/* What every packet x has: x_parse() and so on. A field of such a name is read by x_parse_(). */
static const char *const functions[] = {
	"parse", "again",     "walk",         "parse_at", "parse_whole", "parse_inline",
	"build", "build_at",  "build_inline", "size",     "defaults",    "print",
	"dump",  "to_string", "fields_of",    "tag",      "accepts",     NULL,
};

static void name_field(struct naming *naming, struct block *block, struct field *field)
{
	struct arena *arena = &naming->compiler->arena;
	const char *plain = identifier(naming->compiler, field->name);

	field->c_name = member_name(naming->compiler, field->name);
	if ((block->classify != NULL && strcmp(plain, "tag") == 0) ||
	    strcmp(plain, "compression") == 0)
		field->c_name = arena_format(arena, "%s_", plain);
	field->path = block->path;
	if (block->parent == NULL && is_one_of(plain, functions))
		plain = arena_format(arena, "%s_", plain);
	field->accessor = arena_format(arena, "%s_%s", block->accessor, plain);
	field->local = arena_format(arena, "%s%s", block->local, plain);
	use(naming, field->accessor, field->place);
	use(naming, arena_format(arena, "%s_set_%s", block->accessor, plain), field->place);
	name_variant(naming, field);
	if (field->type.kind == TYPE_LIST && block->parent == NULL)
		use(naming,
		    arena_format(arena, "%s_parse_each_%s", block->packet->c_name, field->c_name),
		    field->place);
	if (field->type.kind == TYPE_LIST) {
		use(naming, arena_format(arena, "%s_next", field->accessor), field->place);
		use(naming, arena_format(arena, "%s_count", field->accessor), field->place);
		use(naming, arena_format(arena, "%s_bytes", field->accessor), field->place);
	}
	if (field->type.kind == TYPE_LIST && field->list == LIST_CHAIN)
		use(naming, arena_format(arena, "%s_last", field->accessor), field->place);
	if (field->element != NULL && field->element->inner)
		field->element->c_name = arena_format(arena, "%s_item", field->accessor);
}

/* A member of the same struct must not have the arm's name. */
static const char *arm_name(struct naming *naming, const struct block *block, const struct arm *arm)
{
	static const char *const members[] = { "bytes", "fault",       "message", "given",
		                               "tag",   "compression", NULL };
	const char *name = snake(naming->compiler, arm->name);
	bool taken = is_taken(name) || is_one_of(name, members);

	for (size_t i = 0; i < block->field_count; i++)
		taken = taken || strcmp(block->fields[i]->c_name, name) == 0;
	return taken ? arena_format(&naming->compiler->arena, "%s_", name) : name;
}

static void name_block(struct naming *naming, struct block *block)
{
	struct arena *arena = &naming->compiler->arena;
	struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++)
		name_field(naming, block, block->fields[i]);
	if (classify == NULL)
		return;
	classify->c_name = block->accessor;
	for (size_t i = 0; i < classify->arm_count; i++) {
		struct arm *arm = &classify->arms[i];
		struct block *inner = arm->block;

		arm->c_name = arm_name(naming, block, arm);
		arm->c_tag = arena_format(arena, "%s_%s", upper(naming->compiler, block->accessor),
		                          upper(naming->compiler, arm->name));
		use(naming, arm->c_tag, arm->place);
		inner->path = arena_format(arena, "%s%s.", block->path, arm->c_name);
		inner->accessor = arena_format(arena, "%s_%s", block->accessor,
		                               snake(naming->compiler, arm->name));
		inner->local = arena_format(arena, "%s%s_", block->local,
		                            snake(naming->compiler, arm->name));
		name_block(naming, inner);
	}
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* What a parameter of a packet is called: not like a variable of the functions it is one of. */
static const char *parameter_name(struct compiler *compiler, const char *name)
{
	static const char *const variables[] = {
		"bytes",    "view",    "fields", "into",    "p",       "end",   "error",
		"message",  "size",    "out",    "at",      "i",       "given", "compression",
		"iterator", "offset",  "each",   "element", "context", "count", "kind",
		"part",     "checked", "value",  "sum",     "before",  "index", NULL
	};
	static const char *const suffixes[] = { "_end",  "_value", "_count", "_run",
		                                "_each", "tag",    NULL };
	const char *plain = identifier(compiler, name);
	bool taken = is_taken(plain) || is_one_of(plain, variables);

	for (size_t i = 0; suffixes[i] != NULL; i++)
		taken = taken || ends_in(plain, suffixes[i]);
	return taken ? arena_format(&compiler->arena, "%s_", plain) : plain;
}

static void name_packet(struct naming *naming, struct packet *packet)
{
	struct compiler *compiler = naming->compiler;

	/* Inner packets were named by the field that has them, which comes later in the order. */
	if (packet->c_name == NULL)
		packet->c_name = member_name(compiler, packet->name);
	for (size_t i = 0; functions[i] != NULL; i++)
		use(naming, arena_format(&compiler->arena, "%s_%s", packet->c_name, functions[i]),
		    packet->place);
	for (size_t i = 0; i < packet->parameter_count; i++)
		packet->parameters[i].c_name = parameter_name(compiler, packet->parameters[i].name);
	packet->block->path = "";
	packet->block->accessor = packet->c_name;
	packet->block->local = "";
	name_block(naming, packet->block);
}

static int compare_names(const void *a, const void *b)
{
	const struct used_name *first = a, *second = b;
	int order = strcmp(first->name, second->name);

	if (order != 0)
		return order;
	return first->place.offset < second->place.offset
	               ? -1
	               : first->place.offset > second->place.offset;
}

static void check_packet_name(struct compiler *compiler, const struct packet *packet)
{
	static const char *const taken[] = { "slice",        "view",
		                             "buffer",       "mac_address",
		                             "ipv4_address", "ipv6_address",
		                             "ip_prefix",    NULL };

	if (is_one_of(packet->name, taken) || strncmp(packet->name, "packet_", 7) == 0 ||
	    is_taken(packet->name)) {
		report_error(&compiler->report, packet->place,
		             "a packet cannot be called `%s`: C has a struct or word of that name",
		             packet->name);
	}
}

void name_all(struct compiler *compiler, struct module *module)
{
	struct naming naming = { .compiler = compiler };

	/* From the end: what has a part gives it its name. */
	for (size_t i = module->packet_count; i-- > 0;) {
		check_packet_name(compiler, module->packets[i]);
		name_packet(&naming, module->packets[i]);
	}
	for (size_t i = 0; i < module->constant_count; i++)
		use(&naming, identifier(compiler, module->constants[i].name),
		    module->constants[i].place);
	if (naming.used_count == 0)
		return;
	qsort(naming.used, naming.used_count, sizeof(naming.used[0]), compare_names);
	for (size_t i = 1; i < naming.used_count; i++) {
		if (strcmp(naming.used[i].name, naming.used[i - 1].name) != 0)
			continue;
		report_error(&compiler->report, naming.used[i].place,
		             "this and another would both be called `%s` in C",
		             naming.used[i].name);
		report_note(&compiler->report, naming.used[i - 1].place, "the other");
	}
}
