// SPDX-License-Identifier: ISC
/*
 * From statements to blocks: types are resolved, structs written out, inner records become packets,
 * and what follows a classify goes into each of its arms.
 */
#include <string.h>

#include <mirage/arguments.h>

#include "mplc/clone.h"
#include "mplc/expression.h"

/* Copying can grow exponentially: a packet stays below this. */
#define FIELD_COUNT_MAX 4000

struct expansion {
	struct compiler *compiler;
	struct module *module;
	struct packet *packet;
	size_t field_count;
};

static bool too_large(struct expansion *expansion, struct place place, size_t more)
{
	bool said = expansion->field_count > FIELD_COUNT_MAX;

	expansion->field_count += more;
	if (expansion->field_count <= FIELD_COUNT_MAX)
		return false;
	if (!said)
		report_error(&expansion->compiler->report, place,
		             "the packet `%s` has more than %d fields when its structs and arms "
		             "are written "
		             "out",
		             expansion->packet->name, FIELD_COUNT_MAX);
	return true;
}

static void flatten(struct expansion *expansion, const struct statements *from,
                    struct statements *to, unsigned depth);

/* Write a struct out: its fields as NAME_field. */
static void flatten_struct(struct expansion *expansion, const struct field *field,
                           struct structure *structure, struct statements *to, unsigned depth)
{
	struct compiler *compiler = expansion->compiler;
	const char **names = NULL;
	size_t count = 0;

	if (structure->mark != 0) {
		report_error(&compiler->report, field->type_place,
		             "the struct `%s` contains itself", structure->name);
		return;
	}
	collect_names(compiler, structure->statements, &names, &count);
	if (depth > 50 || too_large(expansion, field->place, count))
		return;
	struct renaming renaming = { field->name, names, count };
	structure->mark = 1;
	flatten(expansion, clone_statements(compiler, structure->statements, &renaming), to,
	        depth + 1);
	structure->mark = 0;
}

static void flatten(struct expansion *expansion, const struct statements *from,
                    struct statements *to, unsigned depth)
{
	struct compiler *compiler = expansion->compiler;

	for (size_t i = 0; i < from->count; i++) {
		struct statement statement = from->items[i];
		struct field *field = statement.field;
		struct structure *structure =
			field != NULL && field->element_name == NULL && field->record == NULL
				? find_structure(expansion->module, field->type_name)
				: NULL;

		if (structure != NULL) {
			flatten_struct(expansion, field, structure, to, depth);
		} else if (field != NULL && field->type.kind == TYPE_STRUCT) {
			report_error(&compiler->report, field->type_place,
			             "no struct is called `%s`", field->type_name);
		} else {
			arena_push(&compiler->arena, to->items, to->count, statement);
		}
	}
}

/* What a typedef gives, the field's own attributes win. */
static void apply_definition(struct expansion *expansion, struct field *field,
                             const struct definition *definition)
{
	const struct renaming none = { .prefix = NULL };
	const struct field *from = clone_field(expansion->compiler, definition->field, &none);
	struct attributes *own = &field->attributes;
	const struct attributes *given = &from->attributes;

	field->type_name = from->type_name;
	if (field->size == NULL)
		field->size = from->size;
	if (own->constant == NULL && own->value == NULL && own->initial == NULL) {
		own->constant = given->constant;
		own->value = given->value;
		own->initial = given->initial;
	}
	own->minimum = own->minimum != NULL ? own->minimum : given->minimum;
	own->maximum = own->maximum != NULL ? own->maximum : given->maximum;
	own->align = own->align != NULL ? own->align : given->align;
	own->variant = own->variant != NULL ? own->variant : given->variant;
}

static void resolve_basic(struct expansion *expansion, struct field *field)
{
	struct report *report = &expansion->compiler->report;
	const struct definition *definition = find_definition(expansion->module, field->type_name);

	for (unsigned depth = 0; definition != NULL; depth++) {
		if (depth > 20 || definition->field->type.kind != TYPE_UNRESOLVED) {
			report_error(report, definition->place,
			             "a type must be made of a basic type");
			field->broken = true;
			return;
		}
		apply_definition(expansion, field, definition);
		definition = strcmp(definition->name, field->type_name) == 0
		                     ? NULL
		                     : find_definition(expansion->module, field->type_name);
	}
	if (find_type(expansion->module, field->type_name, &field->type))
		return;
	field->broken = true;
	report_error(report, field->type_place, "unknown type `%s`", field->type_name);
	const char *best = nearest_type(expansion->module, field->type_name);
	const char *elsewhere = type_elsewhere(field->type_name);
	if (elsewhere != NULL)
		report_hint(report, "%s", elsewhere);
	else if (best != NULL)
		report_hint(report, "did you mean `%s`?", best);
	else if (find_packet(expansion->module, field->type_name) != NULL)
		report_hint(report, "a packet in a packet is written `%s: packet %s();`",
		            field->name, field->type_name);
}

/* uint16[3]: an array of records with one field. */
static void make_array(struct expansion *expansion, struct field *field)
{
	struct arena *arena = &expansion->compiler->arena;
	struct field *item = arena_new(arena, struct field);
	struct statement statement = { .field = item };

	item->name = "value";
	item->place = field->place;
	item->type_name = field->type_name;
	item->type_place = field->type_place;
	item->attributes.minimum = field->attributes.minimum;
	item->attributes.maximum = field->attributes.maximum;
	field->attributes.minimum = NULL;
	field->attributes.maximum = NULL;
	field->type = (struct type){ .kind = TYPE_LIST };
	field->list = LIST_COUNT;
	field->record = arena_new(arena, struct statements);
	arena_push(arena, field->record->items, field->record->count, statement);
}

static void resolve_width(struct expansion *expansion, struct field *field)
{
	struct report *report = &expansion->compiler->report;
	struct scope scope = { .compiler = expansion->compiler,
		               .module = expansion->module,
		               .kind = SCOPE_CONSTANT,
		               .what = "the number of bits" };
	wide bits = 1;

	if (field->size != NULL && !check_constant(&scope, field->size, &bits)) {
		field->broken = true;
		return;
	}
	if (bits < 1 || bits > 64) {
		report_error(report, field->size->place, "a bit field has 1 to 64 bits");
		field->broken = true;
		bits = 1;
	}
	field->type.width = (unsigned)bits;
	field->size = NULL;
}

static void resolve_type(struct expansion *expansion, struct field *field)
{
	struct report *report = &expansion->compiler->report;

	if (field->type.kind == TYPE_LIST || field->type.kind == TYPE_PACKET)
		return;
	resolve_basic(expansion, field);
	if (field->broken)
		return;
	if (field->type.kind == TYPE_BITS) {
		resolve_width(expansion, field);
	} else if (field->size == NULL) {
		return;
	} else if (field->type.kind == TYPE_UNSIGNED && field->type.width == 8) {
		field->type.kind = TYPE_BYTES;
	} else if (field->type.kind == TYPE_UNSIGNED || field->type.kind == TYPE_SIGNED ||
	           field->type.kind == TYPE_IPV4 || field->type.kind == TYPE_IPV6 ||
	           field->type.kind == TYPE_MAC) {
		make_array(expansion, field);
	} else {
		report_error(report, field->size->place, "`%s` takes no size in []",
		             field->type_name);
		field->broken = true;
	}
}

static struct block *expand_block(struct expansion *expansion, struct block *parent,
                                  struct arm *arm, struct statements *statements);

/* An inner record becomes a packet of its own. */
static void expand_record(struct expansion *expansion, struct field *field)
{
	struct packet *packet = arena_new(&expansion->compiler->arena, struct packet);
	struct packet *outer = expansion->packet;

	packet->module = expansion->module;
	packet->name = arena_format(&expansion->compiler->arena, "%s.%s", outer->name, field->name);
	packet->place = field->place;
	packet->inner = true;
	packet->statements = field->record;
	expansion->packet = packet;
	packet->block = expand_block(expansion, NULL, NULL, field->record);
	expansion->packet = outer;
	field->element = packet;
}

static void find_element(struct expansion *expansion, struct field *field)
{
	struct report *report = &expansion->compiler->report;
	const char *name = field->element_name;

	field->element = find_packet(expansion->module, name);
	if (field->element == NULL && name[0] >= 'A' && name[0] <= 'Z') {
		/* An OCaml module is the packet's name with a capital. */
		char *lower = arena_copy(&expansion->compiler->arena, name, strlen(name));
		lower[0] = (char)(name[0] - 'A' + 'a');
		field->element = find_packet(expansion->module, lower);
	}
	if (field->element != NULL)
		return;
	field->broken = true;
	report_error(report, field->element_place, "no packet is called `%s` here", name);
	const char *names[64];
	size_t count = 0;
	for (size_t i = 0; i < expansion->module->packet_count && count < 64; i++)
		names[count++] = expansion->module->packets[i]->name;
	const char *best = nearest_name(name, names, count);
	if (best != NULL)
		report_hint(report, "did you mean `%s`?", best);
	else
		report_hint(report, "if another file has it: import \"FILE.mpl\";");
}

static void add_field(struct expansion *expansion, struct block *block, struct field *field)
{
	const struct field *other = find_field(block, field->name);

	if (too_large(expansion, field->place, 1)) {
		expansion->packet->broken = true;
		return;
	}
	if (other != NULL && strcmp(field->name, "_") != 0) {
		report_error(&expansion->compiler->report, field->place,
		             "there are two fields called `%s`", field->name);
		report_note(&expansion->compiler->report, other->place, "the first");
	}
	for (size_t i = 0; i < expansion->packet->parameter_count; i++)
		if (strcmp(expansion->packet->parameters[i].name, field->name) == 0)
			report_error(&expansion->compiler->report, field->place,
			             "the packet has a parameter called `%s` already", field->name);
	field->block = block;
	field->index = block->field_count;
	resolve_type(expansion, field);
	if (field->record != NULL)
		expand_record(expansion, field);
	else if (field->element_name != NULL)
		find_element(expansion, field);
	arena_push(&expansion->compiler->arena, block->fields, block->field_count, field);
}

/* The arms, each with a copy of the statements that follow. */
static void expand_classify(struct expansion *expansion, struct block *block,
                            struct classify *classify, const struct statement *rest,
                            size_t rest_count)
{
	struct compiler *compiler = expansion->compiler;
	const struct renaming none = { .prefix = NULL };
	const struct statements following = { (struct statement *)(uintptr_t)rest, rest_count };

	block->classify = classify;
	classify->block = block;
	for (size_t i = 0; i < classify->arm_count; i++) {
		struct arm *arm = &classify->arms[i];
		const struct statements *copy = clone_statements(compiler, &following, &none);
		struct statements *all = arena_new(&compiler->arena, struct statements);

		if (too_large(expansion, arm->place, rest_count)) {
			expansion->packet->broken = true;
			return;
		}
		for (size_t j = 0; j < arm->statements->count; j++)
			arena_push(&compiler->arena, all->items, all->count,
			           arm->statements->items[j]);
		for (size_t j = 0; j < copy->count; j++)
			arena_push(&compiler->arena, all->items, all->count, copy->items[j]);
		arm->block = expand_block(expansion, block, arm, all);
	}
}

static struct block *expand_block(struct expansion *expansion, struct block *parent,
                                  struct arm *arm, struct statements *statements)
{
	struct block *block = arena_new(&expansion->compiler->arena, struct block);
	struct statements *flat = arena_new(&expansion->compiler->arena, struct statements);

	block->packet = expansion->packet;
	block->parent = parent;
	block->arm = arm;
	flatten(expansion, statements, flat, 0);
	for (size_t i = 0; i < flat->count && !expansion->packet->broken; i++) {
		if (flat->items[i].field != NULL) {
			add_field(expansion, block, flat->items[i].field);
			continue;
		}
		expand_classify(expansion, block, flat->items[i].classify, flat->items + i + 1,
		                flat->count - i - 1);
		break;
	}
	return block;
}

static void resolve_parameters(struct compiler *compiler, struct packet *packet)
{
	static const struct {
		const char *name;
		enum parameter_kind kind;
		unsigned width;
	} types[] = {
		{ "bool", PARAMETER_BOOLEAN, 0 },    { "boolean", PARAMETER_BOOLEAN, 0 },
		{ "int", PARAMETER_INTEGER, 32 },    { "integer", PARAMETER_INTEGER, 32 },
		{ "byte", PARAMETER_INTEGER, 8 },    { "uint16", PARAMETER_INTEGER, 16 },
		{ "uint32", PARAMETER_INTEGER, 32 }, { "pseudo", PARAMETER_PSEUDO, 0 },
	};
	size_t count = sizeof(types) / sizeof(types[0]);

	for (size_t i = 0; i < packet->parameter_count; i++) {
		struct parameter *parameter = &packet->parameters[i];
		bool known = false;

		for (size_t j = 0; j < count && !known; j++) {
			if (strcmp(types[j].name, parameter->type_name) != 0)
				continue;
			known = true;
			parameter->kind = types[j].kind;
			parameter->width = types[j].width;
		}
		if (!known) {
			report_error(&compiler->report, parameter->type_place,
			             "`%s` is no type of a parameter", parameter->type_name);
			report_hint(&compiler->report,
			            "there are bool, int, byte, uint16, uint32 and pseudo");
		}
		for (size_t j = 0; j < i; j++)
			if (strcmp(packet->parameters[j].name, parameter->name) == 0)
				report_error(&compiler->report, parameter->place,
				             "there are two parameters called `%s`",
				             parameter->name);
	}
}

/* Parts before what has them, so that C sees them in that order. */
static void put_in_order(struct compiler *compiler, struct module *module, struct packet *packet,
                         struct packet ***ordered, size_t *count, unsigned depth);

static void order_block(struct compiler *compiler, struct module *module, const struct block *block,
                        struct packet ***ordered, size_t *count, unsigned depth)
{
	for (size_t i = 0; i < block->field_count; i++) {
		struct field *field = block->fields[i];

		if (field->element == NULL || field->element->module != module)
			continue;
		if (field->element->mark == 1 || depth > 64) {
			report_error(&compiler->report, field->place,
			             field->element->mark == 1
			                     ? "the packet `%s` would contain itself"
			                     : "packets are nested too deep at `%s`",
			             field->element->name);
			report_hint(&compiler->report,
			            "give it bytes, `%s: byte[...]`, and parse those in a loop",
			            field->name);
			field->broken = true;
			continue;
		}
		put_in_order(compiler, module, field->element, ordered, count, depth + 1);
	}
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		if (block->classify->arms[i].block != NULL)
			order_block(compiler, module, block->classify->arms[i].block, ordered,
			            count, depth);
}

static void put_in_order(struct compiler *compiler, struct module *module, struct packet *packet,
                         struct packet ***ordered, size_t *count, unsigned depth)
{
	if (packet->mark != 0 || packet->block == NULL)
		return;
	packet->mark = 1;
	order_block(compiler, module, packet->block, ordered, count, depth);
	packet->mark = 2;
	arena_push(&compiler->arena, *ordered, *count, packet);
}

void expand(struct compiler *compiler, struct module *module)
{
	struct packet **ordered = NULL;
	size_t count = 0;

	for (size_t i = 0; i < module->packet_count; i++) {
		struct packet *packet = module->packets[i];
		struct expansion expansion = { .compiler = compiler, .module = module };

		expansion.packet = packet;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(module->packets[j]->name, packet->name) != 0)
				continue;
			report_error(&compiler->report, packet->place,
			             "there are two packets called `%s`", packet->name);
			report_note(&compiler->report, module->packets[j]->place, "the first");
		}
		resolve_parameters(compiler, packet);
		packet->block = expand_block(&expansion, NULL, NULL, packet->statements);
	}
	for (size_t i = 0; i < module->packet_count; i++)
		put_in_order(compiler, module, module->packets[i], &ordered, &count, 0);
	module->packets = ordered;
	module->packet_count = count;
}
