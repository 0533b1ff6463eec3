// SPDX-License-Identifier: ISC
/* Fields: their defaults, and those of a view. */
#include "mplc/emit.h"

#include <string.h>

static bool has_default(const struct field *field)
{
	if (!is_argument(field))
		return false;
	return field->attributes.initial != NULL;
}

static void emit_defaults(struct emitter *emitter, const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];
		const struct expression *initial = field->attributes.initial;

		if (field->type.kind == TYPE_PACKET && is_argument(field))
			emit(emitter, "\tfields.%s%s = %s_defaults();\n", field->path,
			     field->c_name, field->element->c_name);
		if (!has_default(field))
			continue;
		emit_line(emitter, field->place);
		if (field->type.kind == TYPE_STRING)
			emit(emitter, "\tfields.%s%s = packet_bytes(%s, %zu);\n", field->path,
			     field->c_name,
			     string_text(emitter, initial->text, initial->text_length),
			     initial->text_length);
		else
			emit(emitter, "\tfields.%s%s = %s;\n", field->path, field->c_name,
			     number_text(emitter, field->initial));
	}
	/* The arms share their room: no tag is chosen yet, so that only their own code could say. */
}

static void emit_of_view(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *target = text_format(emitter, "fields->%s%s", field->path, field->c_name);

	switch (field->type.kind) {
	case TYPE_BYTES:
	case TYPE_STRING:
	case TYPE_MPINT:
		emit(emitter, "%s%s = packet_bytes_of(%s(view));\n", indent, target,
		     field->accessor);
		break;
	case TYPE_LIST:
		emit(emitter, "%s%s.count = %s_count(view);\n", indent, target, field->accessor);
		emit(emitter, "%s%s.encoded = packet_bytes_of(%s_bytes(view));\n", indent, target,
		     field->accessor);
		break;
	case TYPE_PACKET:
		emit(emitter,
		     "%s{\n%s\tstruct %s part;\n\n%s\t%s(view, &part);\n%s\t%s_fields_of(&part, "
		     "&%s);\n%s}\n",
		     indent, indent, field->element->c_name, indent, field->accessor, indent,
		     field->element->c_name, target, indent);
		break;
	case TYPE_UNRESOLVED:
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
	case TYPE_BITS:
	case TYPE_BOOLEAN:
	case TYPE_NAME:
	case TYPE_LABEL:
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_MAC:
	case TYPE_STRUCT:
		emit(emitter, "%s%s = %s(view);\n", indent, target, field->accessor);
		break;
	}
}

static void emit_fields_of(struct emitter *emitter, const struct block *block, const char *indent)
{
	const struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++) {
		if (!is_argument(block->fields[i]))
			continue;
		emit_line(emitter, block->fields[i]->place);
		emit_of_view(emitter, block->fields[i], indent);
	}
	if (classify == NULL)
		return;
	emit(emitter, "%sfields->%stag = view->%stag;\n%sswitch (view->%stag) {\n", indent,
	     block->path, block->path, indent, block->path);
	for (size_t i = 0; i < classify->arm_count; i++) {
		emit(emitter, "%scase %s:\n", indent, classify->arms[i].c_tag);
		emit_fields_of(emitter, classify->arms[i].block,
		               text_format(emitter, "%s\t", indent));
		emit(emitter, "%s\tbreak;\n", indent);
	}
	emit(emitter, "%sdefault:\n%s\tbreak;\n%s}\n", indent, indent, indent);
}

void emit_fields(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name;

	emit_line(emitter, packet->place);
	emit(emitter, "struct %s_fields %s_defaults(void)\n{\n\tstruct %s_fields fields;\n\n", name,
	     name, name);
	emit(emitter, "\tmemset(&fields, 0, sizeof(fields));\n");
	emit_defaults(emitter, packet->block);
	emit(emitter, "\treturn fields;\n}\n\n");
	emit_line(emitter, packet->place);
	emit(emitter,
	     "void %s_fields_of(const struct %s *view, struct %s_fields *fields)\n{\n"
	     "\t(void)view;\n\tmemset(fields, 0, sizeof(*fields));\n",
	     name, name, name);
	emit_fields_of(emitter, packet->block, "\t");
	emit(emitter, "}\n\n");
}
