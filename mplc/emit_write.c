// SPDX-License-Identifier: ISC
/* The second and third walk of a builder: values into their fields, then checksums. */
#include "mplc/emit.h"

#include <string.h>

#include "mplc/check.h"

/* order_mark of a field whose value has been written out. */
#define WRITTEN 3

struct interval type_bounds(const struct field *field)
{
	unsigned width = field->type.width;

	if (field->type.kind == TYPE_SIGNED)
		return (struct interval){ -((wide)1 << (width - 1)), ((wide)1 << (width - 1)) - 1 };
	return (struct interval){ 0, width >= 127 ? WIDE_MAX : ((wide)1 << width) - 1 };
}

/* Refuse what `value`, within `range`, may be and the field cannot. */
static void emit_fit(struct emitter *emitter, const struct field *field, const char *value,
                     struct interval range, const char *indent)
{
	const struct interval bounds = type_bounds(field);
	const char *below = NULL, *above = NULL;

	if (range.low < bounds.low)
		below = text_format(emitter, "%s < %s", value, number_text(emitter, bounds.low));
	if (range.high > bounds.high)
		above = text_format(emitter, "%s > %s", value, number_text(emitter, bounds.high));
	if (below != NULL || above != NULL)
		emit(emitter, "%sif (%s%s%s)\n%s\treturn -EOVERFLOW;\n", indent,
		     below != NULL ? below : "", below != NULL && above != NULL ? " || " : "",
		     above != NULL ? above : "", indent);
	below = above = NULL;
	if (field->minimum > bounds.low && range.low < field->minimum)
		below = text_format(emitter, "%s < %s", value,
		                    number_text(emitter, field->minimum));
	if (field->maximum < bounds.high && range.high > field->maximum)
		above = text_format(emitter, "%s > %s", value,
		                    number_text(emitter, field->maximum));
	if (below != NULL || above != NULL)
		emit(emitter, "%sif (%s%s%s)\n%s\treturn -ERANGE;\n", indent,
		     below != NULL ? below : "", below != NULL && above != NULL ? " || " : "",
		     above != NULL ? above : "", indent);
}

static void emit_value_of(struct emitter *emitter, struct field *field, const char *indent,
                          int mark);

/* What the expression reads must have been computed. */
static void emit_needed(struct emitter *emitter, const struct block *block,
                        const struct expression *expression, const char *indent, int mark)
{
	if (expression == NULL)
		return;
	if (expression->kind == EXPRESSION_NAME && expression->field != NULL &&
	    expression->field->block == block)
		emit_value_of(emitter, expression->field, indent, mark);
	emit_needed(emitter, block, expression->left, indent, mark);
	emit_needed(emitter, block, expression->right, indent, mark);
}

static void emit_value_of(struct emitter *emitter, struct field *field, const char *indent,
                          int mark)
{
	const struct expression *value = field->attributes.value;

	if (value == NULL || field->order_mark == mark)
		return;
	field->order_mark = mark;
	emit_needed(emitter, field->block, value, indent, mark);
	emit_origin(emitter, field, indent);
	emit_line(emitter, field->place);
	emit(emitter, "%sconst %s %s_value = %s;\n", indent, expression_type(value), field->local,
	     expression_text(emitter, CONTEXT_BUILD, value));
	if (field->type.kind != TYPE_BOOLEAN)
		emit_fit(emitter, field, text_format(emitter, "%s_value", field->local),
		         value->range, indent);
}

void emit_early_values(struct emitter *emitter, const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (block->fields[i]->attributes.value != NULL &&
		    is_known_early(block->fields[i], 0))
			emit_value_of(emitter, block->fields[i], "\t", WRITTEN);
}

/* Bounds of C's type for the argument. */
static struct interval argument_bounds(const struct field *field)
{
	unsigned width = field->type.width;
	unsigned holds = width <= 8    ? 8
	                 : width <= 16 ? 16
	                 : width <= 32 ? 32
	                 : width <= 64 ? 64
	                               : 127;

	if (field->type.kind == TYPE_SIGNED)
		return (struct interval){ -((wide)1 << (holds - 1)), ((wide)1 << (holds - 1)) - 1 };
	return (struct interval){ 0, holds == 127 ? WIDE_MAX : ((wide)1 << holds) - 1 };
}

/* What is written in the field, as an expression of C. */
static const char *written_text(struct emitter *emitter, const struct field *field)
{
	if (field->attributes.checksum != NULL)
		return "0";
	if (field->attributes.constant != NULL)
		return number_text(emitter, field->constant);
	if (is_argument(field) && !has_tag_value(field))
		return text_format(emitter, "fields->%s%s", field->path, field->c_name);
	return text_format(emitter, "%s_value", field->local);
}

/* Bit fields from `first` to the next byte boundary; 0 if they are more than a store can do. */
static size_t bit_run(const struct block *block, size_t first, unsigned *bytes)
{
	uint64_t bits = 0;

	if (block->fields[first]->start.bits % 8 != 0)
		return 0;
	for (size_t i = first; i < block->field_count && block->fields[i]->type.kind == TYPE_BITS;
	     i++) {
		bits += block->fields[i]->width_bits;
		if (bits > 64)
			return 0;
		if (bits % 8 == 0) {
			*bytes = (unsigned)(bits / 8);
			return i - first + 1;
		}
	}
	return 0;
}

static void emit_bit_run(struct emitter *emitter, const struct block *block, size_t first,
                         size_t count, unsigned bytes, const char *indent)
{
	bool little = block->fields[first]->type.little;
	const char *index = position_text(emitter, CONTEXT_BUILD, block->fields[first]->start);
	const char *at = plus_text(emitter, "p", index);
	unsigned done = 0;
	const char *text = "";

	for (size_t i = first; i < first + count; i++) {
		const struct field *field = block->fields[i];
		unsigned shift = little ? done : bytes * 8 - done - field->type.width;
		const char *value =
			text_format(emitter, "(uint64_t)%s", written_text(emitter, field));

		done += field->type.width;
		text = text_format(emitter, shift != 0 ? "%s%s%s << %u" : "%s%s%s", text,
		                   i > first ? " | " : "", value, shift);
	}
	emit_line(emitter, block->fields[first]->place);
	if (bytes == 1)
		emit(emitter, "%sp[%s] = (uint8_t)(%s);\n", indent, index, text);
	else
		emit(emitter, "%spacket_store_%s(%s, %u, %s);\n", indent, little ? "le" : "be", at,
		     bytes, text);
}

/* A bit field that shares bytes with others beyond what one store does: its new bytes begin as 0. */
static void emit_bits(struct emitter *emitter, const struct field *field, const char *indent)
{
	unsigned phase = (unsigned)(field->start.bits % 8);
	unsigned bytes = (phase + field->type.width + 7) / 8;
	const char *at =
		plus_text(emitter, "p", position_text(emitter, CONTEXT_BUILD, field->start));

	if (phase == 0)
		emit(emitter, "%smemset(%s, 0, %u);\n", indent, at, bytes);
	else if (bytes > 1)
		emit(emitter, "%smemset(%s + 1, 0, %u);\n", indent, at, bytes - 1);
	emit(emitter, "%spacket_store_bits%s(%s, %u, %u, (uint64_t)%s);\n", indent,
	     field->type.little ? "_lsb" : "", at, phase, field->type.width,
	     written_text(emitter, field));
}

static void emit_store(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *index = position_text(emitter, CONTEXT_BUILD, field->start);
	const char *at = plus_text(emitter, "p", index);
	const char *value = written_text(emitter, field);
	const char *order = field->type.little ? "le" : "be";
	unsigned width = field->type.width;

	emit_line(emitter, field->place);
	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
		if (width == 8)
			emit(emitter, "%sp[%s] = (uint8_t)%s;\n", indent, index, value);
		else if (width == 24 || width == 48)
			emit(emitter, "%spacket_store_%s(%s, %u, (uint64_t)%s);\n", indent, order,
			     at, width / 8, value);
		else if (width == 128)
			emit(emitter, "%spacket_store_%s128(%s, (packet_uint128)%s);\n", indent,
			     order, at, value);
		else
			emit(emitter, "%spacket_store_%s%u(%s, (uint%u_t)%s);\n", indent, order,
			     width, at, width, value);
		break;
	case TYPE_BOOLEAN:
		emit(emitter, "%sp[%s] = %s ? 1 : 0;\n", indent, index, value);
		break;
	case TYPE_IPV4:
		emit(emitter, "%spacket_store_ipv4(%s, %s);\n", indent, at, value);
		break;
	case TYPE_IPV6:
		emit(emitter, "%spacket_store_ipv6(%s, %s);\n", indent, at, value);
		break;
	case TYPE_MAC:
		emit(emitter, "%spacket_store_mac(%s, %s);\n", indent, at, value);
		break;
	case TYPE_BITS:
		emit_bits(emitter, field, indent);
		break;
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
}

static bool asks_remaining(const struct expression *expression)
{
	if (expression == NULL)
		return false;
	return expression->function == FUNCTION_REMAINING || asks_remaining(expression->left) ||
	       asks_remaining(expression->right);
}

/* A parser would take the field's size from its expression: it must come out the same. */
static void emit_size_check(struct emitter *emitter, const struct field *field, const char *indent)
{
	const struct expression *size = field->size;

	if (size == NULL || asks_remaining(size) || field->fixed ||
	    (field->type.kind == TYPE_LIST && field->list == LIST_CHAIN) || size_agrees(field))
		return;
	emit_line(emitter, field->place);
	if (field->type.kind == TYPE_LIST && field->list == LIST_COUNT)
		emit(emitter, "%sif ((%s)fields->%s%s.count != %s)\n%s\treturn -EINVAL;\n", indent,
		     expression_type(size), field->path, field->c_name,
		     expression_text(emitter, CONTEXT_BUILD, size), indent);
	else
		emit(emitter, "%sif ((%s)(%s) != %s)\n%s\treturn -EINVAL;\n", indent,
		     expression_type(size),
		     less_text(emitter, end_text(emitter, CONTEXT_BUILD, field),
		               position_text(emitter, CONTEXT_BUILD, field->start)),
		     expression_text(emitter, CONTEXT_BUILD, size), indent);
}

/* The tag that the classified value has must be the one given. */
static void emit_tag_check(struct emitter *emitter, const struct classify *classify,
                           const char *indent)
{
	const struct field *field = classify->field;
	const char *value;

	if (classify->exact)
		return;
	if (field == NULL)
		value = text_format(emitter, "(int64_t)%s", classify->parameter->c_name);
	else if (field->type.kind == TYPE_STRING)
		value = text_format(emitter, "slice_of(p + %s + %u, %s_end - (%s) - %u)",
		                    position_text(emitter, CONTEXT_BUILD, field->start),
		                    string_prefix(field), field->local,
		                    position_text(emitter, CONTEXT_BUILD, field->start),
		                    string_extra(field));
	else
		value = text_format(emitter, "(int64_t)%s", written_text(emitter, field));
	emit(emitter, "%sif (%s_tag_of(%s%s) != (unsigned)fields->%stag)\n%s\treturn -EINVAL;\n",
	     indent, classify->c_name, value, own_arguments_text(emitter, classify->block->packet),
	     classify->block->path, indent);
}

/* Bits that the caller gives as they are, and any of them will do. */
static bool is_plain_bits(const struct field *field)
{
	const struct interval bounds = type_bounds(field);

	return field->type.kind == TYPE_BITS && is_argument(field) && !has_tag_value(field) &&
	       field->minimum <= bounds.low && field->maximum >= bounds.high;
}

/* One check for a run of bit fields of one width: how many it is for, 0 if it is not worth it. */
static size_t emit_joint_check(struct emitter *emitter, const struct block *block, size_t first,
                               const char *indent)
{
	const struct field *field = block->fields[first];
	const char *any = "";
	size_t count = 0;

	while (first + count < block->field_count && is_plain_bits(block->fields[first + count]) &&
	       block->fields[first + count]->type.width == field->type.width) {
		const struct field *next = block->fields[first + count];

		any = text_format(emitter, "%s%sfields->%s%s", any, count > 0 ? " | " : "",
		                  next->path, next->c_name);
		count++;
	}
	if (count < 2)
		return 0;
	if (type_bounds(field).high < argument_bounds(field).high)
		emit(emitter, "%sif ((%s) > %s)\n%s\treturn -EOVERFLOW;\n", indent, any,
		     number_text(emitter, type_bounds(field).high), indent);
	return count;
}

static void emit_argument_checks(struct emitter *emitter, const struct block *block,
                                 const char *indent)
{
	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		if (!is_argument(field) || !is_integer_type(field))
			continue;
		size_t joint = emit_joint_check(emitter, block, i, indent);
		if (joint > 0) {
			i += joint - 1;
			continue;
		}
		emit_fit(emitter, field,
		         has_tag_value(field)
		                 ? text_format(emitter, "%s_value", field->local)
		                 : text_format(emitter, "fields->%s%s", field->path, field->c_name),
		         argument_bounds(field), indent);
	}
}

static void emit_stores(struct emitter *emitter, const struct block *block, const char *indent)
{
	for (size_t i = 0; i < block->field_count;) {
		unsigned bytes = 0;
		size_t run =
			block->fields[i]->type.kind == TYPE_BITS ? bit_run(block, i, &bytes) : 0;

		if (run > 0) {
			emit_bit_run(emitter, block, i, run, bytes, indent);
			i += run;
		} else {
			emit_store(emitter, block->fields[i++], indent);
		}
	}
}

static void emit_write_block(struct emitter *emitter, const struct block *block, const char *indent,
                             int mark)
{
	const struct classify *classify = block->classify;

	for (size_t i = 0; i < block->field_count; i++)
		emit_value_of(emitter, block->fields[i], indent, mark);
	emit_argument_checks(emitter, block, indent);
	emit_stores(emitter, block, indent);
	for (size_t i = 0; i < block->field_count; i++)
		emit_size_check(emitter, block->fields[i], indent);
	if (classify == NULL)
		return;
	emit_tag_check(emitter, classify, indent);
	emit(emitter, "%sswitch (fields->%stag) {\n", indent, block->path);
	for (size_t i = 0; i < classify->arm_count; i++) {
		emit(emitter, "%scase %s: {\n", indent, classify->arms[i].c_tag);
		emit_write_block(emitter, classify->arms[i].block,
		                 text_format(emitter, "%s\t", indent), mark);
		emit(emitter, "%s\tbreak;\n%s}\n", indent, indent);
	}
	emit(emitter, "%sdefault:\n%s\tbreak;\n%s}\n", indent, indent, indent);
}

void emit_write(struct emitter *emitter, const struct packet *packet, const struct block *block,
                const char *indent)
{
	(void)packet;
	emit_write_block(emitter, block, indent, WRITTEN);
}

/* Bytes of the sum change places where the field is at an odd one of what is covered. */
static void emit_odd_place(struct emitter *emitter, const struct field *field, const char *first,
                           const char *indent)
{
	const struct field *begin = field->attributes.checksum->first_field;
	const struct position from =
		begin != NULL ? begin->start : (struct position){ .base = NULL, .bits = 0 };
	const struct position at = field->start;
	bool even_base = at.base == from.base ||
	                 (from.base == NULL && at.base->align > 0 && at.base->align % 2 == 0);

	if (even_base && (at.bits - from.bits) / 8 % 2 == 0)
		return;
	if (even_base)
		emit(emitter, "%ssum = __builtin_bswap16(sum);\n", indent);
	else
		emit(emitter, "%sif ((%s) %% 2 != 0)\n%s\tsum = __builtin_bswap16(sum);\n", indent,
		     less_text(emitter, position_text(emitter, CONTEXT_BUILD, at), first), indent);
}

static void emit_checksum(struct emitter *emitter, const struct field *field, const char *indent)
{
	const struct checksum *checksum = field->attributes.checksum;
	const char *at = position_text(emitter, CONTEXT_BUILD, field->start);
	const char *first =
		checksum->first_field != NULL
			? position_text(emitter, CONTEXT_BUILD, checksum->first_field->start)
			: "0";
	const char *last = checksum->last_field != NULL ? position_text(emitter, CONTEXT_BUILD,
	                                                                checksum->last_field->end)
	                                                : "end";
	const char *pseudo = checksum->parameter != NULL ? checksum->parameter->c_name : NULL;
	const char *deeper = text_format(emitter, "%s\t", indent);

	emit_origin(emitter, field, indent);
	emit_line(emitter, field->place);
	const char *bytes = plus_text(emitter, "p", first),
		   *length = less_text(emitter, last, first);
	const char *to = plus_text(emitter, "p", at);
	if (strcmp(checksum->algorithm, "crc32") == 0) {
		emit(emitter, "%spacket_store_%s32(%s, packet_crc32(0, %s, %s));\n", indent,
		     field->type.little ? "le" : "be", to, bytes, length);
		return;
	}
	if (pseudo != NULL)
		emit(emitter,
		     "%sif (%s.mode == PACKET_CHECKSUM_PARTIAL) {\n"
		     "%schecksum_store(%s, (uint16_t)checksum_fold(packet_pseudo_sum(%s, %s)));\n"
		     "%s} else if (%s.mode == PACKET_CHECKSUM_FULL) {\n"
		     "%suint16_t sum = packet_checksum_after(packet_pseudo_sum(%s, %s), %s, "
		     "%s);\n\n",
		     indent, pseudo, deeper, to, pseudo, length, indent, pseudo, deeper, pseudo,
		     length, bytes, length);
	else
		emit(emitter, "%s{\n%suint16_t sum = packet_checksum(%s, %s);\n\n", indent, deeper,
		     bytes, length);
	emit_odd_place(emitter, field, first, deeper);
	/* 0 would say that there is none; ffff is the same sum. */
	emit(emitter, "%spacket_store_be16(%s, %s);\n%s}\n", deeper, to,
	     checksum->optional ? "sum == 0 ? 0xffff : sum" : "sum", indent);
}

static bool any_checksum(const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (block->fields[i]->attributes.checksum != NULL)
			return true;
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		if (any_checksum(block->classify->arms[i].block))
			return true;
	return false;
}

/* Inner ones first: outer ones may cover them. */
static void emit_block_checksums(struct emitter *emitter, const struct block *block,
                                 const char *indent)
{
	const struct classify *classify = block->classify;
	bool any = false;

	for (size_t i = 0; classify != NULL && i < classify->arm_count; i++)
		any = any || any_checksum(classify->arms[i].block);
	if (any) {
		emit(emitter, "%sswitch (fields->%stag) {\n", indent, block->path);
		for (size_t i = 0; i < classify->arm_count; i++) {
			emit(emitter, "%scase %s:\n", indent, classify->arms[i].c_tag);
			emit_block_checksums(emitter, classify->arms[i].block,
			                     text_format(emitter, "%s\t", indent));
			emit(emitter, "%s\tbreak;\n", indent);
		}
		emit(emitter, "%sdefault:\n%s\tbreak;\n%s}\n", indent, indent, indent);
	}
	for (size_t i = 0; i < block->field_count; i++)
		if (block->fields[i]->attributes.checksum != NULL)
			emit_checksum(emitter, block->fields[i], indent);
}

void emit_checksums(struct emitter *emitter, const struct packet *packet, const struct block *block)
{
	(void)packet;
	emit_block_checksums(emitter, block, "\t");
}
