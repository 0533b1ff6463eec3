// SPDX-License-Identifier: ISC
/* Parsing: every check, once, in the order of the bytes. */
#include "mplc/emit.h"

#include <string.h>

#include "mplc/check.h"

static const char *fault_name(struct emitter *emitter, const struct field *field)
{
	const char *name = text_format(emitter, "%s.%s%s", field->block->packet->name, field->path,
	                               field->name);

	return string_text(emitter, name, strlen(name));
}

static void emit_failure(struct emitter *emitter, const char *indent, const char *condition,
                         const char *error, const struct field *field)
{
	bool two = strstr(condition, "||") != NULL;

	emit(emitter,
	     "%sif (checked && %s%s%s)\n%s\treturn packet_fail(&view->fault, %s, %s, %s);\n",
	     indent, two ? "(" : "", condition, two ? ")" : "", indent, error,
	     fault_name(emitter, field), position_text(emitter, CONTEXT_PARSE, field->start));
}

/* const, min and max of a fixed field. */
static void emit_bounds(struct emitter *emitter, const struct field *field, const char *indent)
{
	const struct attributes *attributes = &field->attributes;
	bool many = attributes->constant != NULL || attributes->minimum != NULL ||
	            attributes->maximum != NULL;

	if (!many || number_type(field) == NULL)
		return;
	const char *load = load_text(emitter, CONTEXT_PARSE, field);
	if (field->type.kind == TYPE_BOOLEAN)
		load = text_format(emitter, "(%s)", load);
	emit_origin(emitter, field, indent);
	emit_line(emitter, field->place);
	if (attributes->constant != NULL)
		emit_failure(emitter, indent,
		             text_format(emitter, "%s != %s", load,
		                         number_text(emitter, field->constant)),
		             "-EPROTO", field);
	if (attributes->minimum != NULL && attributes->constant == NULL &&
	    !(field->minimum == 0 && field->type.kind != TYPE_SIGNED))
		emit_failure(
			emitter, indent,
			text_format(emitter, "%s < %s", load, number_text(emitter, field->minimum)),
			"-ERANGE", field);
	if (attributes->maximum != NULL && attributes->constant == NULL)
		emit_failure(
			emitter, indent,
			text_format(emitter, "%s > %s", load, number_text(emitter, field->maximum)),
			"-ERANGE", field);
}

/* Fields of fixed size from `first` on: one check of the length for all. Returns how many. */
static size_t emit_run(struct emitter *emitter, const struct block *block, size_t first,
                       const char *indent)
{
	size_t count = 0;
	struct position end = { .base = NULL };

	while (first + count < block->field_count && block->fields[first + count]->fixed)
		count++;
	if (count == 0)
		return 0;
	end = block->fields[first + count - 1]->end;
	unsigned long long bytes = (end.bits + 7) / 8;
	bool empty = end.bits == block->fields[first]->start.bits;
	if (!empty) {
		const char *base =
			end.base != NULL ? end_text(emitter, CONTEXT_PARSE, end.base) : "0";
		const char *local = block->fields[first]->local;

		emit_line(emitter, block->fields[first]->place);
		if (end.base == NULL)
			emit(emitter, "%sif (checked && bytes.length < %llu) {\n", indent, bytes);
		else
			emit(emitter, "%sif (checked && bytes.length - %s < %llu) {\n", indent,
			     base, bytes);
		emit(emitter, "%s\tstatic const struct packet_extent %s_run[] = {\n", indent,
		     local);
		for (size_t i = 0; i < count; i++)
			if (block->fields[first + i]->width_bits > 0)
				emit(emitter, "%s\t\t{ %s, %llu },\n", indent,
				     fault_name(emitter, block->fields[first + i]),
				     (unsigned long long)block->fields[first + i]->start.bits / 8);
		emit(emitter,
		     "%s\t};\n%s\treturn packet_truncated(&view->fault, %s, bytes.length, %s_run, "
		     "sizeof(%s_run) / sizeof(%s_run[0]));\n%s}\n",
		     indent, indent, base, local, local, local, indent);
	}
	for (size_t i = 0; i < count; i++)
		emit_bounds(emitter, block->fields[first + i], indent);
	return count;
}

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

/* A list whose elements x_parse_each_LIST() can show on the way. */
static bool is_visited(const struct field *field)
{
	return field->type.kind == TYPE_LIST && field->block == field->block->packet->block &&
	       !field->block->packet->has_names;
}

/* What to call for the elements of each such list: as parameters, and as the arguments that show those of `shown`. */
static const char *visitors_text(struct emitter *emitter, const struct packet *packet,
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
				"%s, void (*each_%s)(void *context, const struct %s *element)",
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
		emit(emitter, "%s\tif (each_%s != NULL)\n%s\t\teach_%s(context, &element);\n",
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

static void emit_variable(struct emitter *emitter, const struct field *field, const char *indent)
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

/* The sum over what a checksum covers must be right. */
static void emit_verification(struct emitter *emitter, const struct field *field,
                              const char *indent)
{
	const struct checksum *checksum = field->attributes.checksum;
	const char *first =
		checksum->first_field != NULL
			? position_text(emitter, CONTEXT_PARSE, checksum->first_field->start)
			: "0";
	const char *last = checksum->last_field != NULL ? position_text(emitter, CONTEXT_PARSE,
	                                                                checksum->last_field->end)
	                                                : "end";
	const char *load = load_text(emitter, CONTEXT_PARSE, field);
	const char *bytes = plus_text(emitter, "p", first),
		   *length = less_text(emitter, last, first);
	const char *condition;

	emit_origin(emitter, field, indent);
	emit_line(emitter, field->place);
	if (strcmp(checksum->algorithm, "crc32") == 0)
		condition =
			text_format(emitter, "packet_crc32(0, %s, %s) != %s", bytes, length, load);
	else if (checksum->parameter != NULL)
		condition = text_format(
			emitter,
			"%s.mode == PACKET_CHECKSUM_FULL && %spacket_checksum_after("
			"packet_pseudo_sum(%s, %s), %s, %s) != 0",
			checksum->parameter->c_name,
			checksum->optional ? text_format(emitter, "(%s.is_ipv6 || %s != 0) && ",
		                                         checksum->parameter->c_name, load)
					   : "",
			checksum->parameter->c_name, length, bytes, length);
	else
		condition = text_format(
			emitter, "%spacket_checksum(%s, %s) != 0",
			checksum->optional ? text_format(emitter, "%s != 0 && ", load) : "", bytes,
			length);
	emit_failure(emitter, indent, condition, "-EILSEQ", field);
	/* Over IPv6, a checksum of 0 is not "none" but wrong (RFC 8200 section 8.1). */
	if (checksum->optional && checksum->parameter != NULL)
		emit_failure(emitter, indent,
		             text_format(emitter,
		                         "%s.mode == PACKET_CHECKSUM_FULL && %s.is_ipv6 && %s == 0",
		                         checksum->parameter->c_name, checksum->parameter->c_name,
		                         load),
		             "-EILSEQ", field);
}

/* What needs the whole: computed values must be what is there, checksums right. */
static void emit_whole(struct emitter *emitter, const struct block *block, const char *indent)
{
	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];
		const struct expression *value = field->attributes.value;

		/* One that decides a size agrees with it already, but perhaps not in every arm. */
		if (value == NULL || (field->sizes && block->classify == NULL) ||
		    field->classified != NULL)
			continue;
		emit_origin(emitter, field, indent);
		emit_line(emitter, field->place);
		emit_failure(emitter, indent,
		             text_format(emitter, "(%s)(%s) != %s", expression_type(value),
		                         load_text(emitter, CONTEXT_PARSE, field),
		                         expression_text(emitter, CONTEXT_PARSE, value)),
		             "-EBADMSG", field);
	}
	for (size_t i = 0; i < block->field_count; i++)
		if (block->fields[i]->attributes.checksum != NULL)
			emit_verification(emitter, block->fields[i], indent);
}

static void emit_block(struct emitter *emitter, const struct block *block, const char *indent);

static void emit_no_arm(struct emitter *emitter, const struct classify *classify,
                        const char *indent)
{
	emit(emitter, "%sdefault:\n", indent);
	/* A second walk meets the same bytes; and if not, it stops here. */
	if (classify->field != NULL)
		emit(emitter, "%s\treturn packet_fail(&view->fault, -ENOMSG, %s, %s);\n", indent,
		     fault_name(emitter, classify->field),
		     position_text(emitter, CONTEXT_PARSE, classify->field->start));
	else
		emit(emitter, "%s\treturn packet_fail(&view->fault, -ENOMSG, \"%s.%s\", 0);\n",
		     indent, classify->block->packet->name, classify->name);
}

static void emit_arms(struct emitter *emitter, const struct classify *classify, const char *indent)
{
	const struct block *block = classify->block;
	const char *path = block->path;
	const char *subject = classify->field != NULL
	                              ? load_text(emitter, CONTEXT_PARSE, classify->field)
	                              : classify->parameter->c_name;
	bool strings = classify->field != NULL && classify->field->type.kind == TYPE_STRING;
	const char *inner = text_format(emitter, "%s\t", indent);
	bool all = false;

	emit_line(emitter, classify->name_place);
	if (classifies_by_switch(classify)) {
		/* At once by the value: by its tag would be a second jump. */
		emit(emitter, "%sswitch ((int64_t)(%s)) {\n", indent, subject);
		for (size_t i = 0; i < classify->arm_count && !all; i++) {
			const struct arm *arm = &classify->arms[i];

			emit(emitter, "%s%s {\n%sview->%stag = %s;\n", indent,
			     case_text(emitter, arm), inner, path, arm->c_tag);
			emit_block(emitter, arm->block, inner);
			emit(emitter, "%sbreak;\n%s}\n", inner, indent);
			all = arm->match->value == VALUE_ANY;
		}
		if (!all)
			emit_no_arm(emitter, classify, indent);
		emit(emitter, "%s}\n", indent);
		return;
	}
	/* C promises no value outside an enum but its storage does. */
	emit(emitter, "%sconst unsigned %stag = %s_tag_of(%s%s%s%s);\n", indent, block->local,
	     classify->c_name, strings ? "" : "(int64_t)(", subject, strings ? "" : ")",
	     own_arguments_text(emitter, block->packet));
	emit(emitter, "%sview->%stag = (enum %s_tag)%stag;\n%sswitch (%stag) {\n", indent, path,
	     classify->c_name, block->local, indent, block->local);
	for (size_t i = 0; i < classify->arm_count; i++) {
		emit(emitter, "%scase %s: {\n", indent, classify->arms[i].c_tag);
		emit_block(emitter, classify->arms[i].block, inner);
		emit(emitter, "%s\tbreak;\n%s}\n", indent, indent);
	}
	emit_no_arm(emitter, classify, indent);
	emit(emitter, "%s}\n", indent);
}

static void emit_block(struct emitter *emitter, const struct block *block, const char *indent)
{
	for (size_t i = 0; i < block->field_count;) {
		size_t run = emit_run(emitter, block, i, indent);

		i += run;
		if (run == 0)
			emit_variable(emitter, block->fields[i++], indent);
	}
	if (block->classify != NULL)
		emit_arms(emitter, block->classify, indent);
	else
		emit(emitter, "%send = %s;\n", indent,
		     position_text(emitter, CONTEXT_PARSE, block->end));
	emit_whole(emitter, block, indent);
}

static void emit_accepts(struct emitter *emitter, const struct packet *packet)
{
	emit(emitter,
	     "/* True if an arm of %s is for the kind. */\n"
	     "static inline bool %s_accepts(uint32_t kind)\n{\n",
	     packet->name, packet->c_name);
	if (classifies_by_switch(packet->block->classify)) {
		const struct classify *classify = packet->block->classify;

		/* A test of a bit, where the kinds are small, to the compiler. */
		emit(emitter, "\tswitch ((int64_t)kind) {\n");
		for (size_t i = 0; i < classify->arm_count; i++)
			emit(emitter, "\t%s\n", case_text(emitter, &classify->arms[i]));
		emit(emitter, "\t\treturn true;\n");
		if (classify->arm_count == 0 ||
		    classify->arms[classify->arm_count - 1].match->value != VALUE_ANY)
			emit(emitter, "\tdefault:\n\t\treturn false;\n");
		emit(emitter, "\t}\n}\n\n");
		return;
	}
	emit(emitter, "\treturn %s_tag_of((int64_t)kind", packet->block->classify->c_name);
	for (size_t i = 0; i < packet->parameter_count; i++) {
		if (packet->parameters[i].kind == PARAMETER_PSEUDO)
			emit(emitter, ", packet_pseudo_skip()");
		else
			emit(emitter, ", %s",
			     packet->parameters[i].kind == PARAMETER_BOOLEAN ? "false" : "0");
	}
	emit(emitter, ") != 0;\n}\n\n");
}

/* One walk over the bytes, compiled twice: with the checks, and without for parts parsed before. */
static void emit_walk(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name;

	emit_line(emitter, packet->place);
	if (packet->has_names)
		emit(emitter,
		     "packet_inline int %s_walk(struct slice message, size_t offset, struct %s "
		     "*view%s,\n\tbool checked)\n{\n"
		     "\tconst struct slice bytes = packet_rest(message, offset);\n",
		     name, name, parameters_text(emitter, packet));
	else
		emit(emitter,
		     "packet_inline int %s_walk(struct slice bytes, struct %s *view%s, bool "
		     "checked%s)\n{\n",
		     name, name, parameters_text(emitter, packet),
		     visitors_text(emitter, packet, NULL, true));
	emit(emitter, "\tuint8_t *const p = bytes.bytes;\n\tsize_t end;\n\n");
	emit(emitter, "\t(void)p;\n\t(void)checked;\n\tview->bytes = bytes;\n");
	if (packet->has_names)
		emit(emitter, "\tview->message = message;\n");
	for (size_t i = 0; i < packet->parameter_count; i++) {
		const struct parameter *parameter = &packet->parameters[i];

		if (parameter->kind != PARAMETER_PSEUDO)
			emit(emitter, "\tview->given.%s = %s;\n", parameter->c_name,
			     parameter->c_name);
		else
			emit(emitter, "\t(void)%s;\n", parameter->c_name);
	}
	emit_block(emitter, packet->block, "\t");
	emit(emitter, "\tview->bytes.length = end;\n\treturn 0;\n}\n\n");
}

static void emit_parse_each(struct emitter *emitter, const struct field *field)
{
	const struct packet *packet = field->block->packet;
	const char *name = packet->c_name;

	emit(emitter,
	     "/*\n * The same, with a call of each() for each element of %s when it is found "
	     "right. "
	     "What\n * follows it may be wrong all the same, so what it collects counts only if "
	     "the "
	     "result is 0.\n */\n"
	     "packet_inline must_check int %s_parse_each_%s(struct slice bytes, struct %s "
	     "*view%s,\n"
	     "\tvoid (*each)(void *context, const struct %s *element), void *context)\n{\n"
	     "\treturn %s_walk(bytes, view%s, true%s);\n}\n\n",
	     field->name, name, field->c_name, name, parameters_text(emitter, packet),
	     field->element->c_name, name, own_arguments_text(emitter, packet),
	     visitors_text(emitter, packet, field, false));
}

void emit_parse_inline(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name;

	if (has_accepts(packet))
		emit_accepts(emitter, packet);
	/* The walks of a packet with names stay in one place: names cost more than inlining saves. */
	if (packet->has_names)
		return;
	emit_walk(emitter, packet);
	emit(emitter,
	     "/* %s_parse() for places that parse most of what is received: compiled there. */\n"
	     "packet_inline must_check int %s_parse_inline(struct slice bytes, struct %s "
	     "*view%s)\n{\n\treturn %s_walk(bytes, view%s, true%s);\n}\n\n",
	     name, name, name, parameters_text(emitter, packet), name,
	     own_arguments_text(emitter, packet), unseen_text(emitter, packet));
	for (size_t i = 0; i < packet->block->field_count; i++)
		if (is_visited(packet->block->fields[i]))
			emit_parse_each(emitter, packet->block->fields[i]);
}

void emit_parse(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name, *parameters = parameters_text(emitter, packet);
	const char *own = own_arguments_text(emitter, packet);
	bool at = packet->has_names;

	if (packet->has_names)
		emit_walk(emitter, packet);
	emit(emitter,
	     "int %s_parse%s(struct slice %s, struct %s *view%s)\n{\n\treturn "
	     "%s_walk(%s, view%s, true%s);\n}\n\n",
	     name, at ? "_at" : "", at ? "message, size_t offset" : "bytes", name, parameters, name,
	     at ? "message, offset" : "bytes", own, unseen_text(emitter, packet));
	emit(emitter,
	     "int %s_again(struct slice %s, struct %s *view%s)\n{\n\treturn %s_walk(%s, "
	     "view%s, false%s);\n}\n\n",
	     name, at ? "message, size_t offset" : "bytes", name, parameters, name,
	     at ? "message, offset" : "bytes", own, unseen_text(emitter, packet));
}
