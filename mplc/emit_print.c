// SPDX-License-Identifier: ISC
/* Packets as text, and the names of variants. */
#include "mplc/emit.h"

#include <string.h>

static void emit_variant_names(struct emitter *emitter, const struct field *field)
{
	const struct variant *variant = field->attributes.variant;
	bool strings = field->type.kind == TYPE_STRING;

	emit_line(emitter, variant->place);
	if (strings) {
		emit(emitter, "int %s_name(struct slice text)\n{\n", field->accessor);
		for (size_t i = 0; i < variant->count; i++) {
			const struct expression *match = variant->members[i].match;

			emit(emitter, "\tif (packet_is_text(text, %s, %zu))\n\t\treturn %s;\n",
			     string_text(emitter, match->text, match->text_length),
			     match->text_length, variant->members[i].c_name);
		}
		emit(emitter, "\treturn 0;\n}\n\n");
		return;
	}
	emit(emitter, "const char *%s_name(%s value)\n{\n", field->accessor, number_type(field));
	if (field->type.kind == TYPE_BOOLEAN || field->type.width > 64) {
		for (size_t i = 0; i < variant->count; i++)
			emit(emitter, "\tif (value == %s)\n\t\treturn \"%s\";\n",
			     number_text(emitter, variant->members[i].match->range.low),
			     variant->members[i].name);
		emit(emitter, "\treturn NULL;\n}\n\n");
		return;
	}
	emit(emitter, "\tswitch (value) {\n");
	for (size_t i = 0; i < variant->count; i++)
		emit(emitter, "\tcase %s:\n\t\treturn \"%s\";\n", variant->members[i].c_name,
		     variant->members[i].name);
	emit(emitter, "\tdefault:\n\t\treturn NULL;\n\t}\n}\n\n");
}

static void emit_names_of(struct emitter *emitter, const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (block->fields[i]->attributes.variant != NULL)
			emit_variant_names(emitter, block->fields[i]);
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		emit_names_of(emitter, block->classify->arms[i].block);
}

static void emit_inner(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *element = field->element->c_name;

	if (field->type.kind == TYPE_PACKET) {
		emit(emitter,
		     "%s{\n%s\tstruct %s part;\n%s\tsize_t base = packet_text_enter(out, %s);\n\n"
		     "%s\t%s(view, &part);\n%s\t%s_print(&part, out);\n%s\tpacket_text_leave(out, "
		     "base);\n%s}\n",
		     indent, indent, element, indent,
		     position_text(emitter, CONTEXT_VIEW, field->start), indent, field->accessor,
		     indent, element, indent, indent);
		return;
	}
	emit(emitter,
	     "%spacket_text_unsigned(out, %s_count(view));\n"
	     "%s{\n%s\tstruct %s_iterator iterator = %s(view);\n%s\tstruct %s element;\n\n"
	     "%s\twhile (%s_next(&iterator, &element)) {\n"
	     "%s\t\tsize_t base = packet_text_enter(out, iterator.at - element.bytes.length);\n\n"
	     "%s\t\tpacket_text_element(out);\n"
	     "%s\t\t%s_print(&element, out);\n%s\t\tpacket_text_leave(out, base);\n%s\t}\n%s}\n",
	     indent, field->accessor, indent, indent, field->accessor, field->accessor, indent,
	     element, indent, field->accessor, indent, indent, indent, element, indent, indent,
	     indent);
}

static void emit_value(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *load = text_format(emitter, "%s(view)", field->accessor);
	const char *function = "unsigned";

	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_BITS:
		function = field->type.width > 64 ? "uint128" : "unsigned";
		break;
	case TYPE_SIGNED:
		function = "signed";
		break;
	case TYPE_BOOLEAN:
		function = "boolean";
		break;
	case TYPE_BYTES:
	case TYPE_MPINT:
		function = "bytes";
		break;
	case TYPE_STRING:
		function = "quoted";
		break;
	case TYPE_NAME:
		function = "name";
		break;
	case TYPE_IPV4:
		function = "ipv4";
		break;
	case TYPE_IPV6:
		function = "ipv6";
		break;
	case TYPE_MAC:
		function = "mac";
		break;
	case TYPE_LIST:
	case TYPE_PACKET:
		emit_inner(emitter, field, indent);
		return;
	case TYPE_UNRESOLVED:
	case TYPE_LABEL:
	case TYPE_STRUCT:
		return;
	}
	if (field->attributes.variant != NULL && field->type.kind != TYPE_STRING &&
	    field->type.width <= 64 && field->type.kind != TYPE_SIGNED)
		emit(emitter, "%spacket_text_named(out, %s_name(%s), %s);\n", indent,
		     field->accessor, load, load);
	else
		emit(emitter, "%spacket_text_%s(out, %s);\n", indent, function, load);
}

static void emit_block(struct emitter *emitter, const struct block *block, const char *indent)
{
	const struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		if (field->type.kind == TYPE_LABEL)
			continue;
		emit_line(emitter, field->place);
		emit(emitter, "%spacket_text_field(out, %s, %s);\n", indent,
		     string_text(emitter, field->name, strlen(field->name)),
		     position_text(emitter, CONTEXT_VIEW, field->start));
		emit_value(emitter, field, indent);
	}
	if (classify == NULL)
		return;
	emit(emitter, "%sswitch (view->%stag) {\n", indent, block->path);
	for (size_t i = 0; i < classify->arm_count; i++) {
		const struct arm *arm = &classify->arms[i];

		emit(emitter, "%scase %s:\n%s\tpacket_text_string(out, \" %s\");\n", indent,
		     arm->c_tag, indent, arm->c_name);
		emit_block(emitter, arm->block, text_format(emitter, "%s\t", indent));
		emit(emitter, "%s\tbreak;\n", indent);
	}
	emit(emitter, "%sdefault:\n%s\tbreak;\n%s}\n", indent, indent, indent);
}

void emit_print(struct emitter *emitter, const struct packet *packet)
{
	emit_names_of(emitter, packet->block);
	emit_line(emitter, packet->place);
	emit(emitter,
	     "void %s_print(const struct %s *view, struct packet_text *out)\n{\n\t(void)view;\n"
	     "\tpacket_text_begin(out, \"%s\");\n",
	     packet->c_name, packet->c_name, packet->name);
	emit_block(emitter, packet->block, "\t");
	emit(emitter, "\tpacket_text_end(out);\n}\n\n");
}
