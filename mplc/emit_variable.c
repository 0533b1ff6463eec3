// SPDX-License-Identifier: ISC
/* Parsing what varies: where bytes, strings, names, lists and parts end, and what is in them. */
#include "mplc/emit_parse.h"

#include <string.h>

#include "mplc/check.h"

/* No size up to this overflows a position when it is added to one within the bytes. */
#define SUM_MAX ((wide)1 << 30)

static bool same_position(struct position a, struct position b)
{
	return a.base == b.base && a.bits == b.bits;
}

/* True if the expression is where the field begins less a constant number of bytes. */
static bool is_start_less(const struct field *field, const struct expression *expression,
                          unsigned long long *less)
{
	const struct field *named = expression->field;
	const struct position start = field->start;
	bool is_call = expression->kind == EXPRESSION_CALL;

	*less = 0;
	if (start.base == NULL)
		return expression->range.low == (wide)start.bits / 8 &&
		       expression->range.high == expression->range.low;
	if (named == NULL)
		return false;
	if (is_call && expression->function == FUNCTION_SIZEOF) {
		*less = named->start.bits / 8;
		return named->start.base == NULL && same_position(named->end, start);
	}
	return (is_call && expression->function == FUNCTION_OFFSET &&
	        same_position(named->end, start)) ||
	       (is_call && expression->function == FUNCTION_START &&
	        same_position(named->start, start)) ||
	       (expression->kind == EXPRESSION_NAME && named->type.kind == TYPE_LABEL &&
	        same_position(named->start, start));
}

/*
 * A size of "total - what is before" is no size but an end, as one would write it by hand. False if it
 * is another.
 */
static bool emit_end(struct emitter *emitter, const struct field *field, const char *indent)
{
	const struct expression *size = field->size;
	const char *start = position_text(emitter, CONTEXT_PARSE, field->start);
	unsigned long long more;

	if (size->kind != EXPRESSION_BINARY || size->symbol != '-' ||
	    size->range.low == size->range.high || size->range.high > SUM_MAX ||
	    size->left->range.low < 0 || !is_start_less(field, size->right, &more))
		return false;
	const char *left = expression_text(emitter, CONTEXT_PARSE, size->left);
	emit(emitter, "%s%s_end = (size_t)%s", indent, field->local, left);
	if (more > 0)
		emit(emitter, " + %llu", more);
	emit(emitter, ";\n");
	if (size->range.low < 0)
		emit_failure(emitter, indent,
		             text_format(emitter, "%s_end < %s", field->local, start), "-EBADMSG",
		             field);
	emit_failure(emitter, indent, text_format(emitter, "%s_end > bytes.length", field->local),
	             "-EMSGSIZE", field);
	return true;
}

/* `size` from the field's expression: not negative, within the bytes. */
static void emit_extent(struct emitter *emitter, const struct field *field, const char *indent)
{
	const struct expression *size = field->size;
	const char *start = position_text(emitter, CONTEXT_PARSE, field->start);
	const char *type = expression_type(size);

	emitter->here = field->start;
	if (emit_end(emitter, field, indent))
		return;
	emit(emitter, "%sconst %s size = %s;\n\n", indent, type,
	     expression_text(emitter, CONTEXT_PARSE, size));
	if (size->range.low < 0)
		emit_failure(emitter, indent, "size < 0", "-EBADMSG", field);
	if (size->kind == EXPRESSION_CALL && size->function == FUNCTION_REMAINING) {
		emit(emitter, "%s%s_end = %s + (size_t)size;\n", indent, field->local, start);
		return;
	}
	if (size->range.high <= SUM_MAX) {
		/* Cannot overflow: one comparison of where it ends. */
		emit(emitter, "%s%s_end = %s + (size_t)size;\n", indent, field->local, start);
		emit_failure(emitter, indent,
		             text_format(emitter, "%s_end > bytes.length", field->local),
		             "-EMSGSIZE", field);
		return;
	}
	emit_failure(emitter, indent,
	             text_format(emitter, "(uint64_t)size > %s",
	                         less_text(emitter, "bytes.length", start)),
	             "-EMSGSIZE", field);
	emit(emitter, "%s%s_end = %s + (size_t)size;\n", indent, field->local, start);
}

static void emit_string(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *start = position_text(emitter, CONTEXT_PARSE, field->start);
	unsigned prefix = string_prefix(field);

	if (prefix == 0) {
		emit(emitter, "%s%s_end = packet_after_zero(bytes, %s);\n", indent, field->local,
		     start);
		emit_failure(emitter, indent, text_format(emitter, "%s_end == 0", field->local),
		             "-EMSGSIZE", field);
	} else {
		emit_failure(emitter, indent,
		             text_format(emitter, "%s < %u",
		                         less_text(emitter, "bytes.length", start), prefix),
		             "-EMSGSIZE", field);
		emit(emitter, "%sconst size_t size = (size_t)packet_%s(p + %s, %u);\n\n", indent,
		     field->type.little ? "le" : "be", start, prefix);
		emit_failure(emitter, indent,
		             text_format(emitter, "size > %s - %u",
		                         less_text(emitter, "bytes.length", start), prefix),
		             "-EMSGSIZE", field);
		emit(emitter, "%s%s_end = %s + %u + size;\n", indent, field->local, start, prefix);
	}
	if (field->attributes.constant != NULL)
		emit_failure(emitter, indent,
		             text_format(emitter, "!packet_is_text(%s, %s, %zu)",
		                         load_text(emitter, CONTEXT_PARSE, field),
		                         string_text(emitter, field->attributes.constant->text,
		                                     field->attributes.constant->text_length),
		                         field->attributes.constant->text_length),
		             "-EPROTO", field);
}

static void emit_name(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *start = position_text(emitter, CONTEXT_PARSE, field->start);

	emit(emitter,
	     "%sint error = packet_name_parse(message, offset + %s, &%s_end);\n\n"
	     "%sif (error != 0)\n%s\treturn packet_fail(&view->fault, error, %s, %s);\n"
	     "%s%s_end -= offset;\n",
	     indent, start, field->local, indent, indent, fault_name(emitter, field), start, indent,
	     field->local);
}

bool is_visited(const struct field *field)
{
	return field->type.kind == TYPE_LIST && field->block == field->block->packet->block &&
	       !field->block->packet->has_names;
}

const char *visitors_text(struct emitter *emitter, const struct packet *packet,
                          const struct field *shown, bool parameters)
{
	const struct block *block = packet->block;
	const char *text = "";

	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		if (!is_visited(field))
			continue;
		if (parameters)
			text = text_format(
				emitter,
				"%s, void (*%s_each)(void *context, const struct %s *element)",
				text, field->local, field->element->c_name);
		else
			text = text_format(emitter, "%s, %s", text,
			                   field == shown ? "each" : "NULL");
	}
	if (text[0] == '\0')
		return text;
	return text_format(emitter, "%s, %s", text,
	                   parameters      ? "void *context"
	                   : shown != NULL ? "context"
	                                   : "NULL");
}

const char *unseen_text(struct emitter *emitter, const struct packet *packet)
{
	return visitors_text(emitter, packet, NULL, false);
}

static size_t count_fields(const struct block *block)
{
	size_t count = block->field_count;

	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		count += count_fields(block->classify->arms[i].block);
	return count;
}

/* Parts of up to so many fields are parsed in line. */
#define INLINE_FIELD_COUNT_MAX 32

bool walks_inline(struct emitter *emitter, const struct packet *element)
{
	return (!element->has_names || element->module == emitter->module) &&
	       count_fields(element->block) <= INLINE_FIELD_COUNT_MAX;
}

/* The call that parses a part at `at`, which may reach up to `limit`. */
static const char *parse_call(struct emitter *emitter, const struct field *field, const char *at,
                              const char *limit, const char *view, const char *kind)
{
	const char *arguments = arguments_text(emitter, CONTEXT_PARSE, field, kind);
	const struct packet *element = field->element;
	const char *where;

	if (element->has_names)
		where = text_format(emitter, "slice_of(message.bytes, offset + %s), offset + %s",
		                    limit, at);
	else
		where = text_format(emitter, "slice_of(%s, %s)", plus_text(emitter, "p", at),
		                    less_text(emitter, limit, at));
	/* Most chains are empty: what they cost is the look whether they are. */
	if (walks_inline(emitter, element) && (kind == NULL || element->has_names))
		return text_format(emitter, "%s_walk(%s, %s%s, checked%s)", element->c_name, where,
		                   view, arguments, unseen_text(emitter, element));
	return text_format(emitter, "checked ? %s_parse%s(%s, %s%s)\n\t\t: %s_again(%s, %s%s)",
	                   element->c_name, element->has_names ? "_at" : "", where, view, arguments,
	                   element->c_name, where, view, arguments);
}

static void emit_list_loop(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *element = field->element->c_name, *local = field->local;
	bool bounded = field->list == LIST_BYTES, chain = field->list == LIST_CHAIN;
	const char *limit = bounded ? text_format(emitter, "%s_end", local) : "bytes.length";
	const char *start = position_text(emitter, CONTEXT_PARSE, field->start);

	emit(emitter, "%sstruct %s element;\n%ssize_t at = %s;\n\n", indent, element, indent,
	     start);
	if (chain)
		emit(emitter,
		     "%suint32_t kind = (uint32_t)%s;\n\n%swhile "
		     "(packet_unlikely(%s_accepts(kind))) {\n",
		     indent, load_text(emitter, CONTEXT_PARSE, field->size->field), indent,
		     element);
	else if (bounded)
		emit(emitter, "%swhile (at < %s_end) {\n", indent, local);
	else
		emit(emitter, "%sfor (uint64_t i = 0; i < (uint64_t)count; i++) {\n", indent);
	emit(emitter, "%s\tint error = %s;\n\n", indent,
	     parse_call(emitter, field, "at", limit, "&element",
	                chain ? text_format(emitter, "(%s)kind",
	                                    field->element->parameters[0].width == 8 ? "uint8_t"
	                                    : field->element->parameters[0].width == 16
	                                            ? "uint16_t"
	                                            : "uint32_t")
	                      : NULL));
	/* A list of known size that ends within an element contradicts itself. */
	emit(emitter,
	     "%s\tif (error != 0)\n%s\t\treturn !checked ? error : "
	     "packet_fail_within(&view->fault, %s, at, "
	     "&element.fault);\n",
	     indent, indent, bounded ? "error == -EMSGSIZE ? -EBADMSG : error" : "error");
	emit(emitter, "%s\tat += element.bytes.length;\n%s\t%s_count++;\n", indent, indent, local);
	if (chain)
		emit(emitter, "%s\tkind = (uint32_t)%s(&element);\n", indent,
		     find_field(field->element->block, field->size->field->name)->accessor);
	if (is_visited(field))
		emit(emitter, "%s\tif (%s_each != NULL)\n%s\t\t%s_each(context, &element);\n",
		     indent, local, indent, local);
	if (field->until_arm != NULL)
		emit(emitter, "%s\tif (element.tag == %s)\n%s\t\tbreak;\n", indent,
		     field->until_arm->c_tag, indent);
	emit(emitter, "%s}\n", indent);
	if (!bounded && field->align > 1) {
		emit(emitter, "%s%s_end = packet_aligned(at, %llu);\n", indent, local,
		     (unsigned long long)field->align);
		emit_failure(emitter, indent, text_format(emitter, "%s_end > bytes.length", local),
		             "-EMSGSIZE", field);
	} else if (!bounded) {
		emit(emitter, "%s%s_end = at;\n", indent, local);
	}
	if (chain)
		emit(emitter, "%sview->%s%s_last = kind;\n", indent, field->path, field->c_name);
}

static void emit_list(struct emitter *emitter, const struct field *field, const char *indent)
{
	if (field->list == LIST_BYTES)
		emit_extent(emitter, field, indent);
	if (field->list == LIST_COUNT) {
		emitter->here = field->start;
		emit(emitter, "%sconst %s count = %s;\n", indent, expression_type(field->size),
		     expression_text(emitter, CONTEXT_PARSE, field->size));
		if (field->size->range.low < 0)
			emit_failure(emitter, indent, "count < 0", "-EBADMSG", field);
	}
	emit_list_loop(emitter, field, indent);
	emit(emitter, "%sview->%s%s_count = %s_count;\n", indent, field->path, field->c_name,
	     field->local);
}

static void emit_part(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *start = position_text(emitter, CONTEXT_PARSE, field->start);
	const char *local = field->local;

	if (field->size != NULL)
		emit_extent(emitter, field, indent);
	emit(emitter, "%sstruct %s part;\n%sint error = %s;\n\n", indent, field->element->c_name,
	     indent,
	     parse_call(emitter, field, start,
	                field->size != NULL ? text_format(emitter, "%s_end", local)
	                                    : "bytes.length",
	                "&part", NULL));
	emit(emitter,
	     "%sif (error != 0)\n%s\treturn packet_fail_within(&view->fault, %s, %s, "
	     "&part.fault);\n",
	     indent, indent,
	     field->size != NULL ? "error == -EMSGSIZE ? -EBADMSG : error" : "error", start);
	if (field->size != NULL)
		emit_failure(emitter, indent,
		             text_format(emitter, "part.bytes.length != %s",
		                         less_text(emitter, text_format(emitter, "%s_end", local),
		                                   start)),
		             "-EBADMSG", field);
	else
		emit(emitter, "%s%s_end = %s + part.bytes.length;\n", indent, local, start);
}

void emit_variable(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *inner = text_format(emitter, "%s\t", indent);

	emit_origin(emitter, field, indent);
	emit_line(emitter, field->place);
	emit(emitter, "%ssize_t %s_end;\n", indent, field->local);
	if (field->type.kind == TYPE_LIST)
		emit(emitter, "%ssize_t %s_count = 0;\n", indent, field->local);
	emit(emitter, "%s{\n", indent);
	switch (field->type.kind) {
	case TYPE_BYTES:
		emit_extent(emitter, field, inner);
		break;
	case TYPE_STRING:
	case TYPE_MPINT:
		emit_string(emitter, field, inner);
		break;
	case TYPE_NAME:
		emit_name(emitter, field, inner);
		break;
	case TYPE_LIST:
		emit_list(emitter, field, inner);
		break;
	case TYPE_PACKET:
		emit_part(emitter, field, inner);
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
	emit(emitter, "%s}\n%sview->%s%s_end = %s_end;\n", indent, indent, field->path,
	     field->c_name, field->local);
}
