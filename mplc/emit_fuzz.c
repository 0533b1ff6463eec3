// SPDX-License-Identifier: ISC
/*
 * A fuzz target for every packet of a module. From the same bytes it does two things: parse them, and
 * take fields from them to build. Whatever was parsed is read, printed and built again; whatever was
 * built must parse to the fields it was built from.
 */
#include "mplc/emit.h"

#include <string.h>

#include "mplc/check.h"

static const char preamble[] =
	"#include <stdio.h>\n#include <stdlib.h>\n\n"
	"#define ROOM 65536\n"
	"#define EXPECT(condition)                                                     \\\n"
	"\tdo {                                                                  \\\n"
	"\t\tif (!(condition)) {                                           \\\n"
	"\t\t\tfprintf(stderr, \"%s:%d: not so: %s\\n\", __FILE__, __LINE__, #condition); \\\n"
	"\t\t\tabort();                                              \\\n"
	"\t\t}                                                             \\\n"
	"\t} while (0)\n\n"
	"/* Sums of values go here, so that each is read; any sum may be right. */\n"
	"static volatile size_t was_read;\n\n"
	"/* Bytes to take values from; zeros when they are used up. */\n"
	"struct input {\n\tconst uint8_t *bytes;\n\tsize_t length;\n\tuint8_t *pool; /* for "
	"elements */\n"
	"\tsize_t pool_left;\n};\n\n"
	"static uint64_t take(struct input *input, unsigned count)\n{\n\tuint64_t value = 0;\n\n"
	"\tfor (unsigned i = 0; i < count; i++) {\n"
	"\t\tvalue = value << 8 | (input->length > 0 ? input->bytes[0] : 0);\n"
	"\t\tif (input->length > 0) {\n\t\t\tinput->bytes++;\n\t\t\tinput->length--;\n\t\t}\n\t}\n"
	"\treturn value;\n}\n\n"
	"/* A value between bounds, often one of them. */\n"
	"static __attribute__((unused)) uint64_t take_between(struct input *input, uint64_t low, "
	"uint64_t high, "
	"unsigned count)\n{\n\tuint64_t value = take(input, count);\n\n"
	"\tif (high - low == UINT64_MAX)\n\t\treturn value;\n"
	"\treturn low + value % (high - low + 1);\n}\n\n"
	"static __attribute__((unused)) struct packet_bytes take_bytes(struct input *input, size_t "
	"length)\n{\n"
	"\tstruct packet_bytes taken;\n\n"
	"\tif (length > input->length)\n\t\tlength = input->length;\n"
	"\ttaken = packet_bytes(input->bytes, length);\n"
	"\tinput->bytes += length;\n\tinput->length -= length;\n\treturn taken;\n}\n\n"
	"static __attribute__((unused)) void *take_room(struct input *input, size_t size)\n{\n"
	"\tsize = (size + 15) / 16 * 16;\n\tif (size > input->pool_left)\n\t\treturn NULL;\n"
	"\tvoid *room = input->pool;\n\tinput->pool += size;\n\tinput->pool_left -= size;\n"
	"\tmemset(room, 0, size);\n\treturn room;\n}\n\n"
	"static __attribute__((unused)) struct packet_name take_name(struct input *input)\n{\n"
	"\tstatic uint8_t names[] = "
	"\"\\3www\\7example\\3org\\0\\7example\\3org\\0\\1a\\1b\\1c\\0\\0\\4mail\\300\\4\";\n"
	"\tstatic const uint8_t starts[] = { 0, 4, 17, 30, 37, 38, 12 };\n\n"
	"\treturn (struct packet_name){ slice_of(names, sizeof(names) - 1), starts[take(input, 1) "
	"% "
	"sizeof(starts)] };\n}\n\n"
	"static __attribute__((unused)) bool same_bytes(struct slice read, struct packet_bytes "
	"given, bool "
	"padded)\n{\n"
	"\tif (padded ? read.length < given.length : read.length != given.length)\n\t\treturn "
	"false;\n"
	"\treturn given.length == 0 || memcmp(read.bytes, given.bytes, given.length) == 0;\n}\n\n";

static const char *parameter_values(struct emitter *emitter, const struct packet *packet)
{
	const char *text = "";

	for (size_t i = 0; i < packet->parameter_count; i++)
		text = text_format(emitter, "%s, given->%s", text, packet->parameters[i].c_name);
	return text;
}

/* What a packet is parsed and built with. */
static void emit_given(struct emitter *emitter, const struct packet *packet)
{
	emit(emitter, "struct %s_given {\n\tchar nothing;\n", packet->c_name);
	for (size_t i = 0; i < packet->parameter_count; i++)
		emit(emitter, "\t%s %s;\n",
		     packet->parameters[i].kind == PARAMETER_PSEUDO    ? "struct packet_pseudo"
		     : packet->parameters[i].kind == PARAMETER_BOOLEAN ? "bool"
		     : packet->parameters[i].width == 8                ? "uint8_t"
		     : packet->parameters[i].width == 16               ? "uint16_t"
		                                                       : "uint32_t",
		     packet->parameters[i].c_name);
	emit(emitter,
	     "};\n\nstatic __attribute__((unused)) struct %s_given %s_take_given(struct input "
	     "*input)\n{\n"
	     "\tstruct %s_given given;\n\n\tmemset(&given, 0, sizeof(given));\n"
	     "\tgiven.nothing = (char)take(input, 0);\n",
	     packet->c_name, packet->c_name, packet->c_name);
	for (size_t i = 0; i < packet->parameter_count; i++) {
		const struct parameter *parameter = &packet->parameters[i];

		if (parameter->kind == PARAMETER_BOOLEAN)
			emit(emitter, "\tgiven.%s = take(input, 1) & 1;\n", parameter->c_name);
		else if (parameter->kind == PARAMETER_INTEGER)
			emit(emitter, "\tgiven.%s = (uint%u_t)take(input, %u);\n",
			     parameter->c_name, parameter->width, parameter->width / 8);
		else
			emit(emitter,
			     "\tgiven.%s.mode = (enum packet_checksum_mode)(take(input, 1) %% 3);\n"
			     "\tgiven.%s.is_ipv6 = take(input, 1) & 1;\n"
			     "\tgiven.%s.sum = (uint32_t)take(input, 2);\n",
			     parameter->c_name, parameter->c_name, parameter->c_name);
	}
	emit(emitter, "\treturn given;\n}\n\n");
}

/* Reading everything that a view has. */
static void emit_read_block(struct emitter *emitter, const struct block *block, const char *indent)
{
	const struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		if (field->type.kind == TYPE_LIST)
			emit(emitter,
			     "%s{\n%s\tstruct %s_iterator iterator = %s(view);\n%s\tstruct %s "
			     "element;\n%s\tsize_t count = 0;\n\n"
			     "%s\tfor (; %s_next(&iterator, &element); count++)\n%s\t\tsum += "
			     "%s_read(&element);\n%s\tEXPECT(count == %s_count(view));\n%s}\n",
			     indent, indent, field->accessor, field->accessor, indent,
			     field->element->c_name, indent, indent, field->accessor, indent,
			     field->element->c_name, indent, field->accessor, indent);
		else if (field->type.kind == TYPE_PACKET)
			emit(emitter,
			     "%s{\n%s\tstruct %s part;\n\n%s\t%s(view, &part);\n%s\tsum += "
			     "%s_read(&part);\n%s}\n",
			     indent, indent, field->element->c_name, indent, field->accessor,
			     indent, field->element->c_name, indent);
		else if (field->type.kind == TYPE_NAME)
			emit(emitter, "%ssum += packet_name_size(%s(view));\n", indent,
			     field->accessor);
		else if (strcmp(argument_type(field) != NULL ? argument_type(field) : "",
		                "struct packet_bytes") == 0)
			emit(emitter,
			     "%sfor (size_t i = 0; i < %s(view).length; i++)\n%s\tsum += "
			     "%s(view).bytes[i];\n",
			     indent, field->accessor, indent, field->accessor);
		else if (number_type(field) != NULL || field->type.kind == TYPE_LABEL)
			emit(emitter, "%ssum += (size_t)%s(view);\n", indent, field->accessor);
		else
			emit(emitter, "%ssum += %s(view).bytes[0];\n", indent, field->accessor);
	}
	if (classify == NULL)
		return;
	emit(emitter, "%sswitch (view->%stag) {\n", indent, block->path);
	for (size_t i = 0; i < classify->arm_count; i++) {
		emit(emitter, "%scase %s:\n", indent, classify->arms[i].c_tag);
		emit_read_block(emitter, classify->arms[i].block,
		                text_format(emitter, "%s\t", indent));
		emit(emitter, "%s\tbreak;\n", indent);
	}
	emit(emitter, "%sdefault:\n%s\tEXPECT(false);\n%s}\n", indent, indent, indent);
}

static void emit_read(struct emitter *emitter, const struct packet *packet)
{
	emit(emitter,
	     "static __attribute__((unused)) size_t %s_read(const struct %s *view)\n{\n\tsize_t "
	     "sum = "
	     "view->bytes.length;\n\n",
	     packet->c_name, packet->c_name);
	emit_read_block(emitter, packet->block, "\t");
	emit(emitter, "\treturn sum;\n}\n\n");
}

/* A classified value: one that its arm matches. */
static void emit_take_classified(struct emitter *emitter, const struct field *field,
                                 const char *indent)
{
	const struct classify *classify = field->classified;
	const char *target = text_format(emitter, "fields->%s%s", field->path, field->c_name);

	for (size_t i = 0; i < classify->arm_count; i++) {
		const struct expression *match = classify->arms[i].match;

		if (match->value == VALUE_ANY)
			continue;
		emit(emitter, "%sif (fields->%stag == %s)\n%s\t%s = ", indent,
		     classify->block->path, classify->arms[i].c_tag, indent, target);
		if (match->value == VALUE_STRING)
			emit(emitter, "packet_bytes(%s, %zu);\n",
			     string_text(emitter, match->text, match->text_length),
			     match->text_length);
		else
			emit(emitter, "(%s)take_between(input, (uint64_t)%s, (uint64_t)%s, 8);\n",
			     number_type(field), number_text(emitter, match->range.low),
			     number_text(emitter, match->range.high));
	}
}

static void emit_take_list(struct emitter *emitter, const struct field *field, const char *target,
                           const char *indent)
{
	const char *element = field->element->c_name;

	emit(emitter,
	     "%s{\n%s\tsize_t count = take(input, 1) %% 4;\n"
	     "%s\tstruct %s_fields *items = take_room(input, count * sizeof(*items));\n\n"
	     "%s\tfor (size_t i = 0; items != NULL && i < count; i++)\n%s\t\t%s_take(input, "
	     "&items[i]);\n"
	     "%s\t%s.items = items;\n%s\t%s.count = items != NULL ? count : 0;\n",
	     indent, indent, indent, element, indent, indent, element, indent, target, indent,
	     target);
	if (field->list == LIST_CHAIN) {
		const char *kind = field->size->field->c_name;
		const char *next =
			find_field(field->element->block, field->size->field->name)->c_name;

		emit(emitter,
		     "%s\tfor (size_t i = 0; items != NULL && i < count; i++) {\n"
		     "%s\t\tif (i == 0)\n%s\t\t\tfields->%s%s = %s_kind(items[i].tag);\n"
		     "%s\t\telse\n%s\t\t\titems[i - 1].%s = %s_kind(items[i].tag);\n"
		     "%s\t\twhile (%s_accepts(items[i].%s))\n%s\t\t\titems[i].%s++;\n%s\t}\n"
		     "%s\twhile (count == 0 && %s_accepts(fields->%s%s))\n%s\t\tfields->%s%s++;\n",
		     indent, indent, indent, field->path, kind, element, indent, indent, next,
		     element, indent, element, next, indent, next, indent, indent, element,
		     field->path, kind, indent, field->path, kind);
	}
	emit(emitter, "%s}\n", indent);
}

static void emit_take_field(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *target = text_format(emitter, "fields->%s%s", field->path, field->c_name);
	const char *type = number_type(field);
	unsigned width = field->type.width;

	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
	case TYPE_BITS:
		if (width > 64)
			emit(emitter,
			     "%s%s = (packet_uint128)take(input, 8) << 64 | take(input, 8);\n",
			     indent, target);
		else
			emit(emitter,
			     "%s%s = (%s)take_between(input, (uint64_t)%s, (uint64_t)%s, %u);\n",
			     indent, target, type, number_text(emitter, field->minimum),
			     number_text(emitter, field->maximum), (width + 7) / 8);
		break;
	case TYPE_BOOLEAN:
		emit(emitter, "%s%s = take(input, 1) & 1;\n", indent, target);
		break;
	case TYPE_BYTES:
		if (field->fixed)
			emit(emitter,
			     "%s%s = take_bytes(input, %llu);\n%sif (%s.length != "
			     "%llu)\n%s\t%s.length = 0;\n",
			     indent, target, (unsigned long long)field->width_bits / 8, indent,
			     target, (unsigned long long)field->width_bits / 8, indent, target);
		else
			emit(emitter, "%s%s = take_bytes(input, take(input, 1) %% 64);\n", indent,
			     target);
		break;
	case TYPE_STRING:
	case TYPE_MPINT:
		emit(emitter, "%s%s = take_bytes(input, take(input, 1) %% 64);\n", indent, target);
		break;
	case TYPE_NAME:
		emit(emitter, "%s%s = take_name(input);\n", indent, target);
		break;
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_MAC:
		emit(emitter,
		     "%sfor (size_t i = 0; i < sizeof(%s.bytes); i++)\n%s\t%s.bytes[i] = "
		     "(uint8_t)take(input, 1);\n",
		     indent, target, indent, target);
		break;
	case TYPE_LIST:
		emit_take_list(emitter, field, target, indent);
		break;
	case TYPE_PACKET:
		emit(emitter, "%s%s_take(input, &%s);\n", indent, field->element->c_name, target);
		break;
	case TYPE_UNRESOLVED:
	case TYPE_LABEL:
	case TYPE_STRUCT:
		break;
	}
}

static void emit_take_block(struct emitter *emitter, const struct block *block, const char *indent)
{
	const struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++)
		if (is_argument(block->fields[i]))
			emit_take_field(emitter, block->fields[i], indent);
	if (classify == NULL)
		return;
	emit(emitter, "%sfields->%stag = (enum %s_tag)(1 + take(input, 1) %% %zu);\n", indent,
	     block->path, classify->c_name, classify->arm_count);
	if (classify->field != NULL && is_argument(classify->field))
		emit_take_classified(emitter, classify->field, indent);
	emit(emitter, "%sswitch (fields->%stag) {\n", indent, block->path);
	for (size_t i = 0; i < classify->arm_count; i++) {
		emit(emitter, "%scase %s:\n", indent, classify->arms[i].c_tag);
		emit_take_block(emitter, classify->arms[i].block,
		                text_format(emitter, "%s\t", indent));
		emit(emitter, "%s\tbreak;\n", indent);
	}
	emit(emitter, "%sdefault:\n%s\tbreak;\n%s}\n", indent, indent, indent);
}

static void emit_take(struct emitter *emitter, const struct packet *packet)
{
	const struct classify *classify = packet->block->classify;

	if (has_accepts(packet)) {
		emit(emitter,
		     "static __attribute__((unused)) uint%u_t %s_kind(enum %s_tag tag)\n{\n"
		     "\tswitch (tag) {\n",
		     packet->parameters[0].width, packet->c_name, classify->c_name);
		for (size_t i = 0; i < classify->arm_count; i++)
			emit(emitter, "\tcase %s:\n\t\treturn %s;\n", classify->arms[i].c_tag,
			     number_text(emitter, classify->arms[i].match->range.low));
		emit(emitter, "\tdefault:\n\t\treturn 0;\n\t}\n}\n\n");
	}
	emit(emitter,
	     "static __attribute__((unused)) void %s_take(struct input *input, struct %s_fields "
	     "*fields)\n{\n\tmemset(fields, 0, sizeof(*fields));\n\t(void)input;\n",
	     packet->c_name, packet->c_name);
	emit_take_block(emitter, packet->block, "\t");
	emit(emitter, "}\n\n");
}

/* What was parsed is what was given. Lists are compared by what is built of them again. */
static void emit_same_block(struct emitter *emitter, const struct block *block, const char *indent)
{
	const struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];
		const char *given =
			text_format(emitter, "fields->%s%s", field->path, field->c_name);

		if (!is_argument(field) || field->type.kind == TYPE_LIST ||
		    field->type.kind == TYPE_MPINT)
			continue;
		if (field->type.kind == TYPE_PACKET)
			emit(emitter,
			     "%s{\n%s\tstruct %s part;\n\n%s\t%s(view, &part);\n%s\t%s_same(&part, "
			     "&%s);\n%s}\n",
			     indent, indent, field->element->c_name, indent, field->accessor,
			     indent, field->element->c_name, given, indent);
		else if (field->type.kind == TYPE_NAME)
			emit(emitter, "%sEXPECT(packet_name_equal(%s(view), %s));\n", indent,
			     field->accessor, given);
		else if (number_type(field) != NULL)
			emit(emitter, "%sEXPECT(%s(view) == %s);\n", indent, field->accessor,
			     given);
		else if (field->type.kind == TYPE_BYTES || field->type.kind == TYPE_STRING)
			emit(emitter, "%sEXPECT(same_bytes(%s(view), %s, %s));\n", indent,
			     field->accessor, given,
			     field->align > 1 || field->fixed ? "true" : "false");
		else
			emit(emitter,
			     "%s{\n%s\t%s read = %s(view);\n\n%s\tEXPECT(memcmp(&read, &%s, "
			     "sizeof(read)) "
			     "== 0);\n%s}\n",
			     indent, indent, value_type(field), field->accessor, indent, given,
			     indent);
	}
	if (classify == NULL)
		return;
	emit(emitter, "%sEXPECT(view->%stag == fields->%stag);\n%sswitch (view->%stag) {\n", indent,
	     block->path, block->path, indent, block->path);
	for (size_t i = 0; i < classify->arm_count; i++) {
		emit(emitter, "%scase %s:\n", indent, classify->arms[i].c_tag);
		emit_same_block(emitter, classify->arms[i].block,
		                text_format(emitter, "%s\t", indent));
		emit(emitter, "%s\tbreak;\n", indent);
	}
	emit(emitter, "%sdefault:\n%s\tbreak;\n%s}\n", indent, indent, indent);
}

static void emit_same(struct emitter *emitter, const struct packet *packet)
{
	emit(emitter,
	     "static __attribute__((unused)) void %s_same(const struct %s *view, const struct "
	     "%s_fields *fields)\n{\n\t(void)view;\n\t(void)fields;\n",
	     packet->c_name, packet->c_name, packet->c_name);
	emit_same_block(emitter, packet->block, "\t");
	emit(emitter, "}\n\n");
}

/* Parsed by accident: read it, print it, build it again. */
static void emit_try_parse(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name, *given = parameter_values(emitter, packet);

	emit(emitter,
	     "static void %s_use(const struct %s *view, const struct %s_given *given, uint8_t "
	     "*room)\n{\n"
	     "\tstruct %s_fields fields;\n\tstruct %s again;\n\tchar text[512], small[5];\n\n"
	     "\t(void)given;\n\twas_read = %s_read(view);\n"
	     "\tsize_t length = %s_to_string(view, text, sizeof(text));\n"
	     "\tEXPECT(strlen(text) == (length < sizeof(text) ? length : sizeof(text) - 1));\n"
	     "\tEXPECT(%s_to_string(view, small, sizeof(small)) == length);\n"
	     "\tEXPECT(%s_dump(view, text, sizeof(text)) >= strlen(text));\n"
	     "\t%s_fields_of(view, &fields);\n"
	     "\tint built = %s_build(slice_of(room, ROOM), &fields%s);\n\n"
	     "\tif (built < 0)\n\t\treturn;\n"
	     "\tEXPECT(%s_parse(slice_of(room, (size_t)built), &again%s) == 0);\n"
	     "\twas_read = %s_read(&again);\n",
	     name, name, name, name, name, name, name, name, name, name, name, given, name, given,
	     name);
	if (!packet->has_names)
		emit(emitter, "\t%s_same(&again, &fields);\n", name);
	emit(emitter, "}\n\n");
	emit(emitter,
	     "static void %s_try_parse(struct input *input, uint8_t *room)\n{\n"
	     "\tstruct %s_given taken = %s_take_given(input);\n"
	     "\tconst struct %s_given *given = &taken;\n\tstruct %s view;\n"
	     "\t/* Exactly as many bytes as there are: reading one more is an error. */\n"
	     "\tuint8_t *bytes = malloc(input->length > 0 ? input->length : 1);\n\n"
	     "\tmemcpy(bytes, input->bytes, input->length);\n"
	     "\tint error = %s_parse(slice_of(bytes, input->length), &view%s);\n"
	     "\t(void)given;\n"
	     "\tif (error == 0)\n\t\t%s_use(&view, given, room);\n"
	     "\telse\n\t\tEXPECT(view.fault.field[0] != 0 && view.fault.offset <= input->length);\n"
	     "\tfree(bytes);\n}\n\n",
	     name, name, name, name, name, name, given, name);
}

static void emit_try_build(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name, *given = parameter_values(emitter, packet);

	emit(emitter,
	     "static void %s_try_build(struct input *input, uint8_t *room)\n{\n"
	     "\tstruct %s_given taken = %s_take_given(input);\n"
	     "\tconst struct %s_given *given = &taken;\n"
	     "\tstruct %s_fields fields;\n\tstruct %s view;\n\n\t(void)given;\n",
	     name, name, name, name, name, name);
	if (has_accepts(packet))
		emit(emitter, "\t%s_take(input, &fields);\n\ttaken.%s = %s_kind(fields.tag);\n",
		     name, packet->parameters[0].c_name, name);
	else
		emit(emitter, "\t%s_take(input, &fields);\n", name);
	if (packet->has_names)
		emit(emitter,
		     "\tstruct packet_name_table table = { .count = 0 };\n"
		     "\tstruct packet_compression compression = packet_name_table(&table);\n\n"
		     "\tif (take(input, 1) & 1)\n\t\tfields.compression = &compression;\n");
	emit(emitter,
	     "\tint size = %s_size(&fields);\n"
	     "\tint built = %s_build(slice_of(room, ROOM), &fields%s);\n\n"
	     "\tif (built < 0)\n\t\treturn;\n"
	     "\tsuccesses++;\n"
	     "\tEXPECT(size %s built);\n",
	     name, name, given, packet->has_names ? ">=" : "==");
	emit(emitter,
	     "\tEXPECT(%s_parse_whole(slice_of(room, (size_t)built), &view%s) == 0);\n"
	     "\t%s_same(&view, &fields);\n"
	     "\t/* No shorter part of it is a packet of the same length, nor does a builder "
	     "overrun. */\n"
	     "\tuint8_t *exact = malloc((size_t)built + 1);\n"
	     "\tstruct %s part;\n\n"
	     "\tmemcpy(exact, room, (size_t)built);\n"
	     "\tfor (int cut = 0; cut < built; cut += cut < 64 ? 1 : 1 + cut / 16) {\n"
	     "\t\tuint8_t *prefix = malloc(cut > 0 ? (size_t)cut : 1);\n\n"
	     "\t\tmemcpy(prefix, exact, (size_t)cut);\n"
	     "\t\tif (%s_parse(slice_of(prefix, (size_t)cut), &part%s) == 0)\n"
	     "\t\t\twas_read = %s_read(&part);\n"
	     "\t\tfree(prefix);\n\t}\n",
	     name, given, name, name, name, given, name);
	/* Built again from what was read: the same bytes, if no name was compressed. */
	emit(emitter,
	     "\t%sif (input->length %% 2 == 0) {\n"
	     "\t\tstruct %s_fields again;\n\n"
	     "\t\t%s_fields_of(&view, &again);\n"
	     "\t\tuint8_t *copy = malloc((size_t)built + 1);\n"
	     "\t\tint rebuilt = %s_build(slice_of(copy, (size_t)built), &again%s);\n"
	     "\t\tEXPECT(rebuilt == built && memcmp(copy, exact, (size_t)built) == 0);\n"
	     "\t\tEXPECT(built == 0 || %s_build(slice_of(copy, (size_t)built - 1), &again%s) < "
	     "0);\n"
	     "\t\tfree(copy);\n\t}\n\tfree(exact);\n}\n\n",
	     packet->has_names ? "if (fields.compression == NULL)\n\t" : "", name, name, name,
	     given, name, given);
}

static void emit_entry(struct emitter *emitter)
{
	const struct module *module = emitter->module;

	emit(emitter, "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);\n\n"
	              "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)\n{\n"
	              "\tstatic uint8_t room[ROOM], pool[ROOM] __attribute__((aligned(16)));\n"
	              "\tstatic void (*const tries[])(struct input *input, uint8_t *room) = {\n");
	for (size_t i = 0; i < module->packet_count; i++)
		emit(emitter, "\t\t%s_try_parse,\n\t\t%s_try_build,\n", module->packets[i]->c_name,
		     module->packets[i]->c_name);
	emit(emitter, "\t};\n\tstruct input input = { data, size, pool, sizeof(pool) };\n"
	              "\tsize_t choice = take(&input, 1) %% (sizeof(tries) / sizeof(tries[0]));\n\n"
	              "\ttries[choice](&input, room);\n\treturn 0;\n}\n\n"
	              "#ifdef MPLC_PROPERTY_MAIN\n"
	              "/* Random bytes from a seed, the same each time. */\n"
	              "int main(int argc, char *argv[])\n{\n"
	              "\tunsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 0) : 10000;\n"
	              "\tuint64_t state = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;\n"
	              "\tstatic uint8_t bytes[1024];\n\n"
	              "\tfor (unsigned long run = 0; run < runs; run++) {\n"
	              "\t\tfor (size_t i = 0; i < sizeof(bytes); i++) {\n"
	              "\t\t\tstate = state * 6364136223846793005u + 1442695040888963407u;\n"
	              "\t\t\tbytes[i] = (uint8_t)(state >> 56);\n\t\t}\n"
	              "\t\tsize_t length = (size_t)(state >> 40) %% sizeof(bytes);\n"
	              "\t\t/* Small numbers are more often right than large ones. */\n"
	              "\t\tfor (size_t i = 1; run %% 2 == 0 && i < length; i++)\n"
	              "\t\t\tif (bytes[i] >= 64)\n\t\t\t\tbytes[i] &= 7;\n"
	              "\t\tLLVMFuzzerTestOneInput(bytes, length);\n\t}\n"
	              "\tprintf(\"%%lu packets built and parsed\\n\", successes);\n"
	              "\treturn successes > 0 ? 0 : 1;\n}\n#endif\n");
}

void emit_fuzz_file(struct emitter *emitter)
{
	const struct module *module = emitter->module;

	emit(emitter, "/* Generated by mplc --fuzz from %s: do not edit. */\n#include \"%s.h\"\n\n",
	     module->source.path, module->name);
	fputs(preamble, emitter->out);
	emit(emitter, "static unsigned long successes;\n\n");
	for (size_t i = 0; i < emitter->compiler->module_count; i++) {
		const struct module *imported = emitter->compiler->modules[i];

		/* Parts may come from imports. */
		for (size_t j = 0; j < imported->packet_count; j++) {
			if (imported == module)
				continue;
			emit_read(emitter, imported->packets[j]);
			emit_take(emitter, imported->packets[j]);
			emit_same(emitter, imported->packets[j]);
		}
	}
	for (size_t i = 0; i < module->packet_count; i++) {
		const struct packet *packet = module->packets[i];

		emit_given(emitter, packet);
		emit_read(emitter, packet);
		emit_take(emitter, packet);
		emit_same(emitter, packet);
		emit_try_parse(emitter, packet);
		emit_try_build(emitter, packet);
	}
	emit_entry(emitter);
}
