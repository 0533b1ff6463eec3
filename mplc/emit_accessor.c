// SPDX-License-Identifier: ISC
/* Accessors and setters: inline functions of the header. */
#include "mplc/emit.h"

#include <string.h>

#include "mplc/check.h"

/* The statement that writes `value` at `p + start`. */
static const char *store_text(struct emitter *emitter, const struct field *field)
{
	const char *start = position_text(emitter, CONTEXT_VIEW, field->start);
	const char *at = plus_text(emitter, "view->bytes.bytes", start);
	const char *order = field->type.little ? "le" : "be";
	unsigned width = field->type.width;

	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
		if (width == 8)
			return text_format(emitter, "view->bytes.bytes[%s] = (uint8_t)value",
			                   start);
		if (width == 24 || width == 48)
			return text_format(emitter, "packet_store_%s(%s, %u, value)", order, at,
			                   width / 8);
		if (width == 128)
			return text_format(emitter, "packet_store_%s128(%s, value)", order, at);
		return text_format(emitter, "packet_store_%s%u(%s, (uint%u_t)value)", order, width,
		                   at, width);
	case TYPE_BITS:
		return text_format(emitter, "packet_store_bits%s(%s, %u, %u, value)",
		                   field->type.little ? "_lsb" : "", at,
		                   (unsigned)(field->start.bits % 8), width);
	case TYPE_BOOLEAN:
		return text_format(emitter, "view->bytes.bytes[%s] = value", start);
	case TYPE_IPV4:
		return text_format(emitter, "packet_store_ipv4(%s, value)", at);
	case TYPE_IPV6:
		return text_format(emitter, "packet_store_ipv6(%s, value)", at);
	case TYPE_MAC:
		return text_format(emitter, "packet_store_mac(%s, value)", at);
	case TYPE_UNRESOLVED:
	case TYPE_BYTES:
	case TYPE_STRING:
	case TYPE_MPINT:
	case TYPE_NAME:
	case TYPE_LABEL:
	case TYPE_LIST:
	case TYPE_PACKET:
	case TYPE_STRUCT:
		break;
	}
	return NULL;
}

/*
 * Setters are for what can change without making the packet another one: not for constants, what is
 * computed, and what decides the rest. A checksum that covers the field is not updated.
 */
static void emit_setter(struct emitter *emitter, const struct block *block,
                        const struct field *field)
{
	const char *store = store_text(emitter, field);
	bool is_checksum = field->attributes.checksum != NULL;

	if (store == NULL || field->attributes.constant != NULL ||
	    field->attributes.value != NULL || field->classified != NULL || field->sizes)
		return;
	emit(emitter,
	     "%sstatic inline void %s_set_%s(const struct %s *view, %s value)\n{\n\t%s;\n}\n\n",
	     is_checksum ? "/* For a checksum that was updated by hand. */\n" : "", block->accessor,
	     field->accessor + strlen(block->accessor) + 1, block->packet->c_name,
	     value_type(field), store);
}

static void emit_list_accessors(struct emitter *emitter, const struct field *field)
{
	const char *packet = field->block->packet->c_name;
	const char *start = position_text(emitter, CONTEXT_VIEW, field->start);
	const char *end = end_text(emitter, CONTEXT_VIEW, field);
	bool chain = field->list == LIST_CHAIN;

	emit(emitter,
	     "static inline size_t %s_count(const struct %s *view)\n{\n\treturn "
	     "view->%s%s_count;\n}\n\n",
	     field->accessor, packet, field->path, field->c_name);
	emit(emitter,
	     "static inline struct slice %s_bytes(const struct %s *view)\n{\n"
	     "\treturn slice_of(%s, %s);\n}\n\n",
	     field->accessor, packet, plus_text(emitter, "view->bytes.bytes", start),
	     less_text(emitter, end, start));
	if (chain)
		emit(emitter,
		     "/* The kind after the last element: of what follows. */\n"
		     "static inline uint32_t %s_last(const struct %s *view)\n{\n\treturn "
		     "view->%s%s_last;\n}\n\n",
		     field->accessor, packet, field->path, field->c_name);
	emit(emitter,
	     "struct %s_iterator {\n\tconst struct %s *view;\n\tsize_t at;\n\tsize_t "
	     "index;\n%s};\n\n",
	     field->accessor, packet, chain ? "\tuint32_t kind; /* of the next element */\n" : "");
	emit(emitter,
	     "/* Begin at the first element; %s_next() gives each, and false after the last. */\n"
	     "static inline struct %s_iterator %s(const struct %s *view)\n{\n"
	     "\treturn (struct %s_iterator){ .view = view, .at = %s%s };\n}\n\n",
	     field->accessor, field->accessor, field->accessor, packet, field->accessor, start,
	     chain ? text_format(emitter, ", .kind = (uint32_t)%s",
	                         load_text(emitter, CONTEXT_VIEW, field->size->field))
	           : "");
	if (field->element->has_names)
		emit(emitter, "bool %s_next(struct %s_iterator *iterator, struct %s *element);\n\n",
		     field->accessor, field->accessor, field->element->c_name);
}

static void emit_accessor(struct emitter *emitter, const struct block *block,
                          const struct field *field)
{
	const char *packet = block->packet->c_name;

	/* A part that is read in line needs its walk before: see emit_lists_inline(). */
	if (field->type.kind == TYPE_PACKET && !field->element->has_names)
		return;
	emit_origin(emitter, field, "");
	emit_line(emitter, field->place);
	if (field->type.kind == TYPE_LIST) {
		emit_list_accessors(emitter, field);
		return;
	}
	if (field->type.kind == TYPE_PACKET) {
		emit(emitter, "void %s(const struct %s *view, struct %s *part);\n\n",
		     field->accessor, packet, field->element->c_name);
		return;
	}
	emit(emitter, "static inline %s %s(const struct %s *view)\n{\n%s\treturn %s;\n}\n\n",
	     value_type(field), field->accessor, packet,
	     field->type.kind == TYPE_LABEL && field->start.base == NULL ? "\t(void)view;\n" : "",
	     load_text(emitter, CONTEXT_VIEW, field));
	emit_setter(emitter, block, field);
}

static const char *condition_text(struct emitter *emitter, const struct classify *classify,
                                  const struct arm *arm)
{
	const char *match = "true";

	if (arm->match->value == VALUE_STRING)
		match = text_format(emitter, "packet_is_text(value, %s, %zu)",
		                    string_text(emitter, arm->match->text, arm->match->text_length),
		                    arm->match->text_length);
	else if (arm->match->value == VALUE_RANGE)
		match = text_format(emitter, "value >= %s && value <= %s",
		                    number_text(emitter, arm->match->range.low),
		                    number_text(emitter, arm->match->range.high));
	else if (arm->match->value != VALUE_ANY)
		match = text_format(emitter, "value == %s",
		                    number_text(emitter, arm->match->range.low));
	if (arm->guard != NULL)
		return text_format(emitter, "%s && %s", match,
		                   expression_text(emitter, CONTEXT_PARSE, arm->guard));
	(void)classify;
	return match;
}

bool classifies_by_switch(const struct classify *classify)
{
	for (size_t i = 0; i < classify->arm_count; i++)
		if (classify->arms[i].guard != NULL ||
		    classify->arms[i].match->value == VALUE_STRING ||
		    classify->arms[i].match->value == VALUE_BOOLEAN ||
		    (classify->field != NULL && classify->field->type.kind == TYPE_SIGNED) ||
		    classify->arms[i].match->range.high > INT64_MAX)
			return false;
	return true;
}

const char *case_text(struct emitter *emitter, const struct arm *arm)
{
	if (arm->match->value == VALUE_ANY)
		return "default:";
	if (arm->match->value == VALUE_RANGE)
		return text_format(emitter,
		                   "case %s ... %s:", number_text(emitter, arm->match->range.low),
		                   number_text(emitter, arm->match->range.high));
	return text_format(emitter, "case %s:", number_text(emitter, arm->match->range.low));
}

/* The arm of a value: 0 if there is none. */
static void emit_classifier(struct emitter *emitter, const struct classify *classify)
{
	bool strings = classify->field != NULL && classify->field->type.kind == TYPE_STRING;
	bool as_switch = classifies_by_switch(classify), all = false;

	emit_line(emitter, classify->name_place);
	emit(emitter, "static inline unsigned %s_tag_of(%s value%s)\n{\n", classify->c_name,
	     strings ? "struct slice" : "int64_t",
	     parameters_text(emitter, classify->block->packet));
	for (size_t i = 0; i < classify->block->packet->parameter_count; i++)
		emit(emitter, "\t(void)%s;\n", classify->block->packet->parameters[i].c_name);
	if (as_switch)
		emit(emitter, "\tswitch (value) {\n");
	for (size_t i = 0; i < classify->arm_count; i++) {
		const struct arm *arm = &classify->arms[i];
		bool any = arm->match->value == VALUE_ANY && arm->guard == NULL;

		if (any)
			all = true;
		if (!as_switch && any)
			emit(emitter, "\treturn %s;\n", arm->c_tag);
		else if (!as_switch)
			emit(emitter, "\tif (%s)\n\t\treturn %s;\n",
			     condition_text(emitter, classify, arm), arm->c_tag);
		else
			emit(emitter, "\t%s\n\t\treturn %s;\n", case_text(emitter, arm),
			     arm->c_tag);
		if (any)
			break;
	}
	if (as_switch && !all)
		emit(emitter, "\tdefault:\n\t\treturn 0;\n");
	if (as_switch)
		emit(emitter, "\t}\n");
	else if (!all)
		emit(emitter, "\treturn 0;\n");
	emit(emitter, "}\n\n");
}

void emit_classifiers(struct emitter *emitter, const struct block *block)
{
	if (block->classify == NULL)
		return;
	emit_classifier(emitter, block->classify);
	for (size_t i = 0; i < block->classify->arm_count; i++)
		emit_classifiers(emitter, block->classify->arms[i].block);
}

static void emit_block(struct emitter *emitter, const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		emit_accessor(emitter, block, block->fields[i]);
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++) {
		const struct arm *arm = &block->classify->arms[i];

		if (arm->block->field_count > 0)
			emit(emitter, "/* Only when the tag is %s: */\n\n", arm->c_tag);
		emit_block(emitter, arm->block);
	}
}

void emit_accessors(struct emitter *emitter, const struct packet *packet)
{
	emit_block(emitter, packet->block);
}
