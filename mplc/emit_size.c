// SPDX-License-Identifier: ISC
/* x_size(): the length a packet will have. */
#include "mplc/emit.h"

static void emit_add(struct emitter *emitter, const char *indent, const char *amount)
{
	emit(emitter, "%sif (packet_add(&size, %s) != 0)\n%s\treturn -EOVERFLOW;\n", indent, amount,
	     indent);
}

static void emit_elements(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *member = text_format(emitter, "fields->%s%s", field->path, field->c_name);

	emit(emitter, "%sif (%s.items == NULL) {\n", indent, member);
	emit_add(emitter, text_format(emitter, "%s\t", indent),
	         text_format(emitter, "%s.encoded.length", member));
	emit(emitter,
	     "%s} else {\n%s\tfor (size_t i = 0; i < %s.count; i++) {\n"
	     "%s\t\tint part = %s_size(&%s.items[i]);\n\n"
	     "%s\t\tif (part < 0)\n%s\t\t\treturn part;\n",
	     indent, indent, member, indent, field->element->c_name, member, indent, indent);
	emit_add(emitter, text_format(emitter, "%s\t\t", indent), "(size_t)part");
	emit(emitter, "%s\t}\n%s}\n", indent, indent);
}

static void emit_field(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *member = text_format(emitter, "fields->%s%s", field->path, field->c_name);

	emit_line(emitter, field->place);
	switch (field->type.kind) {
	case TYPE_BYTES:
		emit_add(emitter, indent, text_format(emitter, "%s.length", member));
		break;
	case TYPE_STRING:
		if (field->attributes.constant != NULL)
			emit_add(emitter, indent,
			         text_format(emitter, "%zu",
			                     field->attributes.constant->text_length +
			                             string_extra(field)));
		else {
			emit_add(emitter, indent, text_format(emitter, "%u", string_extra(field)));
			emit_add(emitter, indent, text_format(emitter, "%s.length", member));
		}
		break;
	case TYPE_MPINT:
		emit_add(emitter, indent, text_format(emitter, "packet_mpint_size(&%s)", member));
		break;
	case TYPE_NAME:
		emit_add(emitter, indent, text_format(emitter, "packet_name_size(%s)", member));
		break;
	case TYPE_LIST:
		emit_elements(emitter, field, indent);
		break;
	case TYPE_PACKET:
		emit(emitter,
		     "%s{\n%s\tint part = %s_size(&%s);\n\n%s\tif (part < 0)\n%s\t\treturn part;\n",
		     indent, indent, field->element->c_name, member, indent, indent);
		emit_add(emitter, text_format(emitter, "%s\t", indent), "(size_t)part");
		emit(emitter, "%s}\n", indent);
		break;
	case TYPE_UNRESOLVED:
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
	case TYPE_BITS:
	case TYPE_BOOLEAN:
	case TYPE_LABEL:
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_MAC:
	case TYPE_STRUCT:
		break;
	}
	if (field->align > 1)
		emit(emitter, "%ssize = packet_aligned(size, %llu);\n", indent,
		     (unsigned long long)field->align);
}

/*
 * Bits that a block adds before its next variable field. What came before may have ended within a
 * byte, which was counted there.
 */
static void emit_fixed(struct emitter *emitter, uint64_t from, uint64_t to, const char *indent)
{
	uint64_t bytes = (to + 7) / 8 - (from + 7) / 8;

	if (bytes > 0)
		emit_add(emitter, indent, text_format(emitter, "%llu", (unsigned long long)bytes));
}

static void emit_block(struct emitter *emitter, const struct block *block, uint64_t at,
                       const char *indent)
{
	const struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		if (field->fixed)
			continue;
		emit_fixed(emitter, at, field->start.bits, indent);
		emit_field(emitter, field, indent);
		at = 0;
	}
	emit_fixed(emitter, at, block->end.bits, indent);
	at = block->end.bits;
	if (classify == NULL)
		return;
	emit(emitter, "%sswitch (fields->%stag) {\n", indent, block->path);
	for (size_t i = 0; i < classify->arm_count; i++) {
		emit(emitter, "%scase %s:\n", indent, classify->arms[i].c_tag);
		emit_block(emitter, classify->arms[i].block, at,
		           text_format(emitter, "%s\t", indent));
		emit(emitter, "%s\tbreak;\n", indent);
	}
	emit(emitter, "%sdefault:\n%s\treturn -EINVAL;\n%s}\n", indent, indent, indent);
}

void emit_size(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name;

	emit_line(emitter, packet->place);
	emit(emitter, "int %s_size(const struct %s_fields *fields)\n{\n\tsize_t size = 0;\n\n",
	     name, name);
	emit(emitter, "\t(void)fields;\n");
	emit_block(emitter, packet->block, 0, "\t");
	emit(emitter, "\treturn (int)size;\n}\n\n");
}
