// SPDX-License-Identifier: ISC
/*
 * The dissector: what each packet has, for Wireshark. Beside dissector.lua, which does the work, the
 * file has a function for each packet that calls it field by field, and goes on where a parser stops.
 */
#include "mplc/emit_lua.h"

#include <ctype.h>
#include <string.h>

#include "mplc/check.h"

/* The text of dissector.lua. */
__asm__(".pushsection .rodata\n"
        "mplc_dissector_lua:\n"
        "\t.incbin \"mplc/dissector.lua\"\n"
        "\t.byte 0\n"
        ".popsection\n");
extern const char mplc_dissector_lua[];

/* "ipv4/ipv4": one name for a packet in whatever file it is. */
static const char *packet_id(struct emitter *emitter, const struct packet *packet)
{
	return text_format(emitter, "%s/%s", packet->module->name, packet->c_name);
}

/* A part of the name of a field for filters: letters, digits and _. */
static const char *filter_word(struct emitter *emitter, const char *name)
{
	char *text = text_format(emitter, "%s", name);

	for (char *c = text; *c != '\0'; c++)
		*c = isalnum((unsigned char)*c) ? (char)tolower((unsigned char)*c) : '_';
	return text;
}

/* The same of an arm: its name in C without the `_` of those that C keeps for itself. */
static const char *arm_word(struct emitter *emitter, const struct arm *arm)
{
	size_t length = strlen(arm->c_name);

	if (length > 1 && arm->c_name[length - 1] == '_')
		length--;
	return text_format(emitter, "%.*s", (int)length, arm->c_name);
}

/* Bytes that hold the field: those of bits may begin within one. */
static unsigned field_bytes(const struct field *field)
{
	return (unsigned)(field->start.bits % 8 + field->type.width + 7) / 8;
}

static const char *field_type(const struct field *field)
{
	static const char *const unsigned_types[] = { "uint8", "uint16", "uint24", "uint32" };
	unsigned bytes = field_bytes(field);

	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_BITS:
		if (bytes > 9)
			return "bytes";
		return bytes <= 4 ? unsigned_types[bytes - 1] : "uint64";
	case TYPE_SIGNED:
		return bytes == 1 ? "int8" : bytes == 2 ? "int16" : bytes == 4 ? "int32" : "int64";
	case TYPE_BOOLEAN:
		return "bool";
	case TYPE_STRING:
	case TYPE_NAME:
		return "string";
	case TYPE_IPV4:
		return "ipv4";
	case TYPE_IPV6:
		return "ipv6";
	case TYPE_MAC:
		return "ether";
	case TYPE_LIST:
	case TYPE_PACKET:
		return "none";
	case TYPE_BYTES:
	case TYPE_MPINT:
	case TYPE_UNRESOLVED:
	case TYPE_LABEL:
	case TYPE_STRUCT:
		break;
	}
	return "bytes";
}

static bool written_in_hex(const struct expression *expression)
{
	return expression != NULL && expression->place.length > 2 &&
	       strncasecmp(expression->place.source->text + expression->place.offset, "0x", 2) == 0;
}

/* ", base.DEC, { [1] = "One" }, 0xf0": how a number is shown. */
static void emit_number_display(struct emitter *emitter, const struct field *field)
{
	const struct variant *variant = field->attributes.variant;
	bool hex = field->attributes.checksum != NULL || written_in_hex(field->attributes.constant);

	for (size_t i = 0; variant != NULL && i < variant->count; i++)
		hex = hex || written_in_hex(variant->members[i].match);
	emit(emitter, ", base.%s",
	     hex && field->type.kind != TYPE_SIGNED && variant == NULL ? "HEX_DEC"
	     : hex && field->type.kind != TYPE_SIGNED                  ? "HEX"
	                                                               : "DEC");
	emit(emitter, variant != NULL ? ", { " : ", nil");
	for (size_t i = 0; variant != NULL && i < variant->count; i++)
		emit(emitter, "[%s] = %s, ",
		     lua_number(emitter, variant->members[i].match->range.low),
		     lua_string(emitter, variant->members[i].name,
		                strlen(variant->members[i].name)));
	emit(emitter, variant != NULL ? "}" : "");
	unsigned phase = (unsigned)(field->start.bits % 8), bytes = field_bytes(field);
	/* Wireshark 4.0 takes no larger masks. */
	if (field->type.kind != TYPE_BITS || bytes > 4 || field->type.width == bytes * 8)
		return;
	unsigned below = field->type.little ? phase : bytes * 8 - phase - field->type.width;
	emit(emitter, ", 0x%llx", ((1ULL << field->type.width) - 1) << below);
}

static void emit_declaration(struct emitter *emitter, const struct field *field, const char *prefix)
{
	const char *type = field_type(field);
	const char *name = filter_word(emitter, field->name);

	if (field->type.kind == TYPE_LABEL)
		return;
	emit(emitter, "\tdeclare(packet, \"%s\", ProtoField.%s(\"%s.%s\", \"%s\"", field->local,
	     type, prefix, name, name);
	if (strstr(type, "int") != NULL)
		emit_number_display(emitter, field);
	emit(emitter, "))\n");
}

static void emit_number(struct emitter *emitter, const struct field *field, const char *start)
{
	const char *little = field->type.little ? ", true" : "";
	unsigned phase = (unsigned)(field->start.bits % 8);

	if (field->type.kind == TYPE_BITS)
		emit(emitter, "bits(c, \"%s\", %s, %u, %u%s)\n", field->local, start, phase,
		     field->type.width, little);
	else
		emit(emitter, "%s(c, \"%s\", %s, %u%s)\n",
		     field->type.kind == TYPE_SIGNED ? "signed" : "integer", field->local, start,
		     field->type.width / 8, little);
}

/* "{ ["kind"] = kind, ... }": the parameters of a part. */
static const char *given_text(struct emitter *emitter, const struct field *field)
{
	const struct packet *element = field->element;
	bool chain = field->type.kind == TYPE_LIST && field->list == LIST_CHAIN;
	size_t first = chain ? 1 : 0;
	const char *text =
		chain ? text_format(emitter, "[\"%s\"] = kind, ", element->parameters[0].c_name)
		      : "";

	for (size_t i = 0; i < field->argument_count && first + i < element->parameter_count; i++)
		text = text_format(emitter, "%s[\"%s\"] = %s, ", text,
		                   element->parameters[first + i].c_name,
		                   lua_expression(emitter, field->arguments[i], field->start));
	return text_format(emitter, "{ %s}", text);
}

static void emit_list(struct emitter *emitter, const struct field *field, const char *start)
{
	emit(emitter, "list(c, \"%s\", %s, { of = \"%s\", given = function(kind) return %s end",
	     field->local, start, packet_id(emitter, field->element), given_text(emitter, field));
	if (field->list == LIST_CHAIN)
		emit(emitter, ", kind = %s, next = \"%s\"",
		     lua_expression(emitter, field->size, field->start),
		     find_field(field->element->block, field->size->field->name)->local);
	else
		emit(emitter, ", %s = %s", field->list == LIST_BYTES ? "size" : "count",
		     lua_expression(emitter, field->size, field->start));
	if (field->until_arm != NULL)
		emit(emitter, ", last = %s",
		     lua_string(emitter, field->until_arm->name, strlen(field->until_arm->name)));
	if (field->align > 1)
		emit(emitter, ", align = %llu", (unsigned long long)field->align);
	emit(emitter, " })\n");
}

static void emit_field(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *start = lua_position(emitter, field->start);
	const char *key = field->local;

	if (field->type.kind == TYPE_LABEL)
		return;
	emit(emitter, "%s", indent);
	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
	case TYPE_BITS:
		emit_number(emitter, field, start);
		break;
	case TYPE_BOOLEAN:
		emit(emitter, "boolean(c, \"%s\", %s)\n", key, start);
		break;
	case TYPE_BYTES:
		emit(emitter, "octets(c, \"%s\", %s, %s)\n", key, start,
		     lua_expression(emitter, field->size, field->start));
		break;
	case TYPE_STRING:
	case TYPE_MPINT:
		if (string_prefix(field) == 0)
			emit(emitter, "cstring(c, \"%s\", %s)\n", key, start);
		else
			emit(emitter, "text(c, \"%s\", %s, %u, %s, %s)\n", key, start,
			     string_prefix(field), field->type.little ? "true" : "false",
			     field->type.kind == TYPE_MPINT ? "true" : "false");
		break;
	case TYPE_NAME:
		emit(emitter, "name(c, \"%s\", %s)\n", key, start);
		break;
	case TYPE_LIST:
		emit_list(emitter, field, start);
		break;
	case TYPE_PACKET:
		emit(emitter, "part(c, \"%s\", %s, \"%s\", %s, %s)\n", key, start,
		     packet_id(emitter, field->element), given_text(emitter, field),
		     field->size != NULL ? lua_expression(emitter, field->size, field->start)
		                         : "nil");
		break;
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_MAC:
	case TYPE_UNRESOLVED:
	case TYPE_LABEL:
	case TYPE_STRUCT:
		emit(emitter, "address(c, \"%s\", %s, %u)\n", key, start, field->type.width / 8);
		break;
	}
}

/* const, min and max. */
static void emit_bounds(struct emitter *emitter, const struct field *field, const char *indent)
{
	const struct attributes *attributes = &field->attributes;
	const struct expression *constant = attributes->constant;
	const char *low = lua_number(emitter, field->range.low);

	if (constant != NULL && field->type.kind == TYPE_STRING)
		low = lua_string(emitter, constant->text, constant->text_length);
	else if (constant != NULL && field->type.kind == TYPE_BOOLEAN)
		low = field->constant != 0 ? "true" : "false";
	else if (!is_integer_type(field) || field->type.width > 64 ||
	         (constant == NULL && attributes->minimum == NULL && attributes->maximum == NULL))
		return;
	else if (constant != NULL)
		low = lua_number(emitter, field->constant);
	emit(emitter, "%sexpect(c, \"%s\", %s", indent, field->local, low);
	if (constant == NULL)
		emit(emitter, ", %s", lua_number(emitter, field->range.high));
	emit(emitter, ")\n");
}

static void emit_checksum(struct emitter *emitter, const struct field *field, const char *indent)
{
	const struct checksum *checksum = field->attributes.checksum;
	const char *first = checksum->first_field != NULL
	                            ? lua_position(emitter, checksum->first_field->start)
	                            : "at";
	const char *last = checksum->last_field != NULL
	                           ? lua_position(emitter, checksum->last_field->end)
	                           : "c.over";

	if (strcmp(checksum->algorithm, "crc32") == 0) {
		emit(emitter, "%scrc32(c, \"%s\", %s, %s)\n", indent, field->local, first, last);
		return;
	}
	emit(emitter, "%sinternet_checksum(c, \"%s\", %s, %s, { optional = %s", indent,
	     field->local, first, last, checksum->optional ? "true" : "false");
	if (checksum->parameter != NULL)
		emit(emitter, ", needs_pseudo = true, pseudo = given[\"%s\"]",
		     checksum->parameter->c_name);
	emit(emitter, " })\n");
}

/* What needs the whole: computed values, checksums. */
static void emit_whole(struct emitter *emitter, const struct block *block, const char *indent)
{
	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];
		const struct expression *value = field->attributes.value;

		if (value != NULL && (!field->sizes || block->classify != NULL) &&
		    field->classified == NULL && lua_is_exact(value))
			emit(emitter, "%sexpect(c, \"%s\", %s)\n", indent, field->local,
			     lua_expression(emitter, value, block->end));
		if (field->attributes.checksum != NULL)
			emit_checksum(emitter, field, indent);
	}
}

static void emit_block(struct emitter *emitter, const struct block *block, const char *indent);

static void emit_arms(struct emitter *emitter, const struct classify *classify, const char *indent)
{
	const char *inner = text_format(emitter, "%s\t", indent);
	const char *subject = lua_subject(emitter, classify);

	for (size_t i = 0; i < classify->arm_count; i++) {
		const struct arm *arm = &classify->arms[i];

		emit(emitter, "%s%s %s then\n", indent, i == 0 ? "if" : "elseif",
		     lua_condition(emitter, classify, arm));
		if (classify->block->parent == NULL)
			emit(emitter, "%sc.tag = %s\n", inner,
			     lua_string(emitter, arm->name, strlen(arm->name)));
		emit_block(emitter, arm->block, inner);
	}
	emit(emitter, "%selse\n%sno_arm(c, %s, \"%s\", %s)\n%send\n", indent, inner,
	     lua_position(emitter, classify->field != NULL ? classify->field->end
	                                                   : (struct position){ .base = NULL }),
	     filter_word(emitter, classify->name), subject, indent);
}

static void emit_block(struct emitter *emitter, const struct block *block, const char *indent)
{
	for (size_t i = 0; i < block->field_count; i++) {
		emit_field(emitter, block->fields[i], indent);
		emit_bounds(emitter, block->fields[i], indent);
	}
	if (block->classify != NULL)
		emit_arms(emitter, block->classify, indent);
	else
		emit(emitter, "%sc.over = %s\n", indent, lua_position(emitter, block->end));
	emit_whole(emitter, block, indent);
}

/* Which kinds a chain of such packets goes on with. */
static void emit_accepts(struct emitter *emitter, const struct packet *packet)
{
	const struct classify *classify = packet->block->classify;

	emit(emitter, "\tpacket.accepts = function(kind)\n\t\tlocal given = { [\"%s\"] = kind",
	     packet->parameters[0].c_name);
	for (size_t i = 1; i < packet->parameter_count; i++)
		emit(emitter, ", [\"%s\"] = %s", packet->parameters[i].c_name,
		     packet->parameters[i].kind == PARAMETER_BOOLEAN ? "false" : "0");
	emit(emitter, " }\n\t\treturn false");
	for (size_t i = 0; i < classify->arm_count; i++)
		emit(emitter, " or (%s)", lua_condition(emitter, classify, &classify->arms[i]));
	emit(emitter, "\n\tend\n");
}

/* Parameters of a packet that Wireshark calls: preferences, and the pseudo header of what is below. */
static void emit_given(struct emitter *emitter, const struct packet *packet)
{
	for (size_t i = 0; i < packet->parameter_count; i++)
		if (packet->parameters[i].kind != PARAMETER_PSEUDO)
			emit(emitter,
			     "\tpacket.proto.prefs[\"%s\"] = Pref.%s(\"%s\", %s, \"Parameter of "
			     "%s\")\n",
			     filter_word(emitter, packet->parameters[i].name),
			     packet->parameters[i].kind == PARAMETER_BOOLEAN ? "bool" : "uint",
			     filter_word(emitter, packet->parameters[i].name),
			     packet->parameters[i].kind == PARAMETER_BOOLEAN ? "false" : "0",
			     packet->name);
	emit(emitter, "\tpacket.given = function(pinfo)\n\t\treturn { ");
	for (size_t i = 0; i < packet->parameter_count; i++)
		if (packet->parameters[i].kind == PARAMETER_PSEUDO)
			emit(emitter, "[\"%s\"] = pseudo_header(pinfo), ",
			     packet->parameters[i].c_name);
		else
			emit(emitter, "[\"%s\"] = packet.proto.prefs[\"%s\"], ",
			     packet->parameters[i].c_name,
			     filter_word(emitter, packet->parameters[i].name));
	emit(emitter, "}\n\tend\n");
}

static void emit_packet(struct emitter *emitter, const struct packet *packet, const char *prefix);

static void emit_declarations(struct emitter *emitter, const struct block *block,
                              const char *prefix)
{
	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		emit_declaration(emitter, field, prefix);
		if (field->element == NULL || !field->element->inner)
			continue;
		emit(emitter, "\tdefine_record(packet, \"%s\", function(packet)\n",
		     packet_id(emitter, field->element));
		emit_packet(
			emitter, field->element,
			text_format(emitter, "%s.%s", prefix, filter_word(emitter, field->name)));
		emit(emitter, "\tend)\n");
	}
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		emit_declarations(emitter, block->classify->arms[i].block,
		                  text_format(emitter, "%s.%s", prefix,
		                              arm_word(emitter, &block->classify->arms[i])));
}

static void emit_packet(struct emitter *emitter, const struct packet *packet, const char *prefix)
{
	emit_declarations(emitter, packet->block, prefix);
	if (has_accepts(packet))
		emit_accepts(emitter, packet);
	emit(emitter, "\tpacket.dissect = function(outer, at, limit, tree, given)\n"
	              "\t\tlocal c = enter(outer, at, limit, tree, packet.fields)\n"
	              "\t\tlocal value, finish, count = c.value, c.finish, c.count\n");
	emit_block(emitter, packet->block, "\t\t");
	emit(emitter, "\t\treturn c\n\tend\n");
}

/* A number for the text of a specification (FNV-1a): two of one name are told apart. */
static uint32_t origin_of(const struct source *source)
{
	uint32_t hash = 0x811c9dc5;

	for (size_t i = 0; i < source->length; i++)
		hash = (hash ^ (unsigned char)source->text[i]) * 0x01000193;
	return hash;
}

static void emit_definition(struct emitter *emitter, const struct packet *packet)
{
	const char *name = filter_word(emitter, packet->name);

	emit(emitter, "\n-- %s:%zu\ndefine(\"%s\", \"%s\", 0x%x, function(packet)\n",
	     packet->module->source.path, place_line(packet->place), packet_id(emitter, packet),
	     name, origin_of(&packet->module->source));
	emit_packet(emitter, packet, text_format(emitter, "mpl.%s", name));
	emit_given(emitter, packet);
	emit(emitter, "end)\n");
}

/* Packets that were written, each once. */
struct written {
	const struct packet **packets;
	size_t count;
};

static void emit_parts(struct emitter *emitter, const struct block *block, struct written *written);

static void emit_once(struct emitter *emitter, const struct packet *packet, struct written *written)
{
	for (size_t i = 0; i < written->count; i++)
		if (written->packets[i] == packet)
			return;
	arena_push(&emitter->compiler->arena, written->packets, written->count, packet);
	if (!packet->inner)
		emit_definition(emitter, packet);
	emit_parts(emitter, packet->block, written);
}

/* What the block has parts of, wherever it is defined. */
static void emit_parts(struct emitter *emitter, const struct block *block, struct written *written)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (block->fields[i]->element != NULL)
			emit_once(emitter, block->fields[i]->element, written);
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		emit_parts(emitter, block->classify->arms[i].block, written);
}

void emit_lua_file(struct emitter *emitter)
{
	const struct module *module = emitter->module;
	struct written written = { .packets = NULL };

	emit(emitter,
	     "-- Generated by mplc from %s: do not edit.\n"
	     "-- tshark -X lua_script:%s.lua -d udp.port==NUMBER,mpl.PACKET\n%s",
	     module->source.path, module->name, mplc_dissector_lua);
	for (size_t i = 0; i < module->packet_count; i++)
		emit_once(emitter, module->packets[i], &written);
}
