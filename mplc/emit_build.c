// SPDX-License-Identifier: ISC
/*
 * Building, in three walks over the blocks: what varies goes to its place, so that all positions are
 * known; then values are computed and written; then checksums.
 */
#include "mplc/emit.h"

#include <string.h>

#include "mplc/check.h"

static void emit_error(struct emitter *emitter, const char *indent, const char *call)
{
	emit(emitter, "%serror = %s;\n%sif (error != 0)\n%s\treturn error;\n", indent, call, indent,
	     indent);
}

/* Locals of all blocks: the arms set theirs, the walks after read them. */
static void emit_locals(struct emitter *emitter, const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		if (!field->fixed)
			emit(emitter, "\tsize_t %s_end = 0;\n", field->local);
		if (has_tag_value(field))
			emit(emitter, "\tint64_t %s_value = 0;\n", field->local);
	}
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		emit_locals(emitter, block->classify->arms[i].block);
}

static bool any_variable(const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (!block->fields[i]->fixed || block->fields[i]->type.kind == TYPE_BYTES)
			return true;
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		if (any_variable(block->classify->arms[i].block))
			return true;
	return false;
}

static const char *build_call(struct emitter *emitter, const struct field *field, const char *at,
                              const char *item, const char *kind)
{
	const char *arguments = arguments_text(emitter, CONTEXT_BUILD, field, kind);
	const char *name = field->element->c_name;

	if (field->element->has_names)
		return text_format(emitter, "%s_build_at(message, offset + %s, %s, compression%s)",
		                   name, at, item, arguments);
	return text_format(emitter, "%s_build(packet_rest(into, %s), %s%s)", name, at, item,
	                   arguments);
}

static void emit_put_list(struct emitter *emitter, const struct field *field, const char *start,
                          const char *indent)
{
	const char *member = text_format(emitter, "fields->%s%s", field->path, field->c_name);
	const struct expression *first = field->size;
	const char *kind = NULL;

	emit(emitter, "%sif (%s.items == NULL) {\n", indent, member);
	emit_error(emitter, text_format(emitter, "%s\t", indent),
	           text_format(emitter, "packet_put(into, %s, &%s.encoded, &%s_end)", start, member,
	                       field->local));
	emit(emitter, "%s} else {\n%s\t%s_end = %s;\n", indent, indent, field->local, start);
	if (field->list == LIST_CHAIN) {
		kind = text_format(emitter, "(%s)kind",
		                   field->element->parameters[0].width == 8    ? "uint8_t"
		                   : field->element->parameters[0].width == 16 ? "uint16_t"
		                                                               : "uint32_t");
		emit(emitter, "%s\tuint32_t kind = (uint32_t)%s;\n\n", indent,
		     expression_text(emitter, CONTEXT_BUILD, first));
	}
	emit(emitter, "%s\tfor (size_t i = 0; i < %s.count; i++) {\n", indent, member);
	emit(emitter, "%s\t\tint part = %s;\n\n", indent,
	     build_call(emitter, field, text_format(emitter, "%s_end", field->local),
	                text_format(emitter, "&%s.items[i]", member), kind));
	emit(emitter, "%s\t\tif (part < 0)\n%s\t\t\treturn part;\n%s\t\t%s_end += (size_t)part;\n",
	     indent, indent, indent, field->local);
	if (kind != NULL)
		emit(emitter, "%s\t\tkind = %s.items[i].%s;\n", indent, member,
		     find_field(field->element->block, first->field->name)->c_name);
	emit(emitter, "%s\t}\n%s}\n", indent, indent);
}

static void emit_put(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *start = position_text(emitter, CONTEXT_BUILD, field->start);
	const char *member = text_format(emitter, "fields->%s%s", field->path, field->c_name);
	const struct expression *constant = field->attributes.constant;

	switch (field->type.kind) {
	case TYPE_BYTES:
		emit_error(emitter, indent,
		           text_format(emitter, "packet_put(into, %s, &%s, &%s_end)", start, member,
		                       field->local));
		break;
	case TYPE_STRING:
		if (constant != NULL)
			member = text_format(
				emitter,
				"(struct packet_bytes){ .bytes = (const uint8_t *)%s, "
				".length = %zu }",
				string_text(emitter, constant->text, constant->text_length),
				constant->text_length);
		if (field->type.width == 0)
			emit_error(emitter, indent,
			           text_format(emitter,
			                       "packet_put_cstring(into, %s, &%s, &%s_end)", start,
			                       member, field->local));
		else
			emit_error(emitter, indent,
			           text_format(emitter,
			                       "packet_put_string(into, %s, &%s, %u, %s, &%s_end)",
			                       start, member, field->type.width / 8,
			                       field->type.little ? "true" : "false",
			                       field->local));
		break;
	case TYPE_MPINT:
		emit_error(emitter, indent,
		           text_format(emitter, "packet_put_mpint(into, %s, &%s, &%s_end)", start,
		                       member, field->local));
		break;
	case TYPE_NAME:
		emit_error(emitter, indent,
		           text_format(emitter,
		                       "packet_name_put(message, offset + %s, %s, %s, &%s_end)",
		                       start, member,
		                       field->type.compressed ? "compression" : "NULL",
		                       field->local));
		emit(emitter, "%s%s_end -= offset;\n", indent, field->local);
		break;
	case TYPE_LIST:
		emit_put_list(emitter, field, start, indent);
		break;
	case TYPE_PACKET:
		emit(emitter, "%serror = %s;\n%sif (error < 0)\n%s\treturn error;\n", indent,
		     build_call(emitter, field, start, text_format(emitter, "&%s", member), NULL),
		     indent, indent);
		emit(emitter, "%s%s_end = %s + (size_t)error;\n", indent, field->local, start);
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
		emit_error(emitter, indent,
		           text_format(emitter, "packet_pad(into, &%s_end, %llu)", field->local,
		                       (unsigned long long)field->align));
}

static void emit_room(struct emitter *emitter, const struct position end, bool empty,
                      const char *indent)
{
	unsigned long long bytes = (end.bits + 7) / 8;

	if (empty)
		return;
	if (end.base == NULL)
		emit(emitter, "%sif (into.length < %llu)\n%s\treturn -ENOBUFS;\n", indent, bytes,
		     indent);
	else
		emit(emitter, "%sif (into.length - %s < %llu)\n%s\treturn -ENOBUFS;\n", indent,
		     end_text(emitter, CONTEXT_BUILD, end.base), bytes, indent);
}

static void emit_fixed_bytes(struct emitter *emitter, const struct field *field, const char *indent)
{
	emit_error(emitter, indent,
	           text_format(emitter, "packet_put_fixed(into, %s, &fields->%s%s, %llu)",
	                       position_text(emitter, CONTEXT_BUILD, field->start), field->path,
	                       field->c_name, (unsigned long long)field->width_bits / 8));
}

/* One value, if the arm has but one; else the caller says which. */
static const char *tag_value(struct emitter *emitter, const struct classify *classify,
                             const struct arm *arm)
{
	const struct expression *match = arm->match;

	if (match->value == VALUE_BOOLEAN || match->value == VALUE_INTEGER)
		return number_text(emitter, match->range.low);
	return text_format(emitter, "(int64_t)fields->%s%s", classify->field->path,
	                   classify->field->c_name);
}

/* First walk: room for what is fixed, and what varies in its place. */
static void emit_places(struct emitter *emitter, const struct block *block, const char *indent)
{
	const struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];
		const struct field *before = i > 0 ? block->fields[i - 1] : NULL;

		if (field->fixed && (before == NULL || !before->fixed)) {
			struct position end = field->end;

			for (size_t j = i; j < block->field_count && block->fields[j]->fixed; j++)
				end = block->fields[j]->end;
			emit_room(emitter, end, end.bits == field->start.bits, indent);
		}
		if (!field->fixed || field->type.kind == TYPE_BYTES)
			emit_line(emitter, field->place);
		if (!field->fixed)
			emit_put(emitter, field, indent);
		else if (field->type.kind == TYPE_BYTES)
			emit_fixed_bytes(emitter, field, indent);
	}
	if (classify == NULL) {
		emit(emitter, "%send = %s;\n", indent,
		     position_text(emitter, CONTEXT_BUILD, block->end));
		return;
	}
	emit(emitter, "%sswitch (fields->%stag) {\n", indent, block->path);
	for (size_t i = 0; i < classify->arm_count; i++) {
		const struct arm *arm = &classify->arms[i];

		emit(emitter, "%scase %s:\n", indent, arm->c_tag);
		if (classify->field != NULL && has_tag_value(classify->field))
			emit(emitter, "%s\t%s_value = %s;\n", indent, classify->field->local,
			     tag_value(emitter, classify, arm));
		emit_places(emitter, arm->block, text_format(emitter, "%s\t", indent));
		emit(emitter, "%s\tbreak;\n", indent);
	}
	emit(emitter, "%sdefault:\n%s\treturn -EINVAL;\n%s}\n", indent, indent, indent);
}

static void emit_body(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name;
	const char *parameters = parameters_text(emitter, packet);

	emit_line(emitter, packet->place);
	if (packet->has_names)
		emit(emitter,
		     "int %s_build_at(struct slice message, size_t offset, const struct %s_fields "
		     "*fields,\n\tconst struct packet_compression *compression%s)\n{\n"
		     "\tif (message.length > PACKET_LENGTH_MAX)\n"
		     "\t\tmessage.length = PACKET_LENGTH_MAX;\n"
		     "\tif (offset > message.length)\n\t\treturn -ENOBUFS;\n"
		     "\tstruct slice into = packet_rest(message, offset);\n",
		     name, name, parameters);
	else
		emit(emitter,
		     "packet_inline must_check int %s_build_inline(struct slice into, const struct "
		     "%s_fields *fields%s)\n{\n",
		     name, name, parameters);
	emit(emitter, "\tuint8_t *const p = into.bytes;\n\tsize_t end;\n");
	if (any_variable(packet->block))
		emit(emitter, "\tint error;\n");
	emit_locals(emitter, packet->block);
	emit(emitter, "\n\t(void)p;\n\t(void)fields;\n");
	if (packet->has_names)
		emit(emitter, "\t(void)compression;\n");
	for (size_t i = 0; i < packet->parameter_count; i++)
		emit(emitter, "\t(void)%s;\n", packet->parameters[i].c_name);
	emit_early_values(emitter, packet->block);
	emit_places(emitter, packet->block, "\t");
	if (!packet->has_names && !packet->fixed)
		emit(emitter, "\tif (end > PACKET_LENGTH_MAX)\n\t\treturn -EOVERFLOW;\n");
	emit_write(emitter, packet, packet->block, "\t");
	emit_checksums(emitter, packet, packet->block);
	emit(emitter, "\treturn (int)end;\n}\n\n");
}

/* The walks of a packet with names stay in one place: what names cost outweighs what inlining saves. */
void emit_build_inline(struct emitter *emitter, const struct packet *packet)
{
	if (packet->has_names)
		return;
	emit(emitter,
	     "/*\n * %s_build() for places that build most of what is sent: fields that are "
	     "constant "
	     "there\n * cost nothing.\n */\n",
	     packet->c_name);
	emit_body(emitter, packet);
}

void emit_build(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name;

	if (packet->has_names) {
		emit_body(emitter, packet);
		return;
	}
	emit_line(emitter, packet->place);
	emit(emitter,
	     "int %s_build(struct slice into, const struct %s_fields *fields%s)\n{\n"
	     "\treturn %s_build_inline(into, fields%s);\n}\n\n",
	     name, name, parameters_text(emitter, packet), name,
	     own_arguments_text(emitter, packet));
}
