// SPDX-License-Identifier: ISC
/*
 * Where each field is: so many bits after the start of the packet, or after the end of the last field
 * whose size is known only when the packet is. Bounds of fields come first, since sizes use them.
 */
#include "mplc/check.h"

#include <string.h>

/* Positions are 64-bit numbers of bits; specifications with larger constants are mistakes. */
#define SIZE_MAX_BYTES ((wide)1 << 31)

struct layout {
	struct compiler *compiler;
	struct packet *packet;
	struct position at;
};

static void lay_out_fixed(struct layout *layout, struct field *field, uint64_t bits)
{
	field->fixed = true;
	field->width_bits = bits;
	field->start = layout->at;
	layout->at.bits += bits;
	field->end = layout->at;
}

static void lay_out_variable(struct layout *layout, struct field *field)
{
	field->start = layout->at;
	layout->at = (struct position){ .base = field, .bits = 0 };
	field->end = layout->at;
}

/* What cannot begin within a byte. */
static void require_byte(struct layout *layout, struct field *field)
{
	uint64_t phase = layout->at.bits % 8;

	if (phase == 0)
		return;
	report_error(&layout->compiler->report, field->place,
	             "`%s` begins at bit %llu of a byte: a %s must begin with a byte", field->name,
	             (unsigned long long)phase, field->type_name);
	report_hint(&layout->compiler->report, "bits missing before it: %llu, or too many: %llu",
	            (unsigned long long)(8 - phase), (unsigned long long)phase);
	layout->at.bits += 8 - phase;
}

/* Bits of both orders cannot share a byte. */
static void check_bit_order(struct layout *layout, const struct field *field)
{
	const struct field *previous =
		field->index > 0 ? field->block->fields[field->index - 1] : NULL;

	if (layout->at.bits % 8 == 0 || previous == NULL || previous->type.kind != TYPE_BITS ||
	    previous->type.little == field->type.little)
		return;
	report_error(&layout->compiler->report, field->place,
	             "`%s` and `%s` count bits from different ends of the same byte",
	             previous->name, field->name);
}

static void lay_out_bytes(struct layout *layout, struct field *field)
{
	struct interval range =
		field->size != NULL ? field->size->range : (struct interval){ 0, 0 };

	if (field->size != NULL && range.low == range.high && range.low <= SIZE_MAX_BYTES &&
	    field->attributes.align == NULL)
		lay_out_fixed(layout, field, (uint64_t)(range.low < 0 ? 0 : range.low) * 8);
	else
		lay_out_variable(layout, field);
}

static bool is_fixed_type(const struct field *field)
{
	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
	case TYPE_BITS:
	case TYPE_BOOLEAN:
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_MAC:
	case TYPE_LABEL:
		return true;
	case TYPE_UNRESOLVED:
	case TYPE_BYTES:
	case TYPE_STRING:
	case TYPE_MPINT:
	case TYPE_NAME:
	case TYPE_LIST:
	case TYPE_PACKET:
	case TYPE_STRUCT:
		break;
	}
	return false;
}

static void lay_out_field(struct layout *layout, struct field *field)
{
	if (field->type.kind == TYPE_BITS)
		check_bit_order(layout, field);
	else
		require_byte(layout, field);
	check_attributes(layout->compiler, layout->packet, field);
	check_size(layout->compiler, layout->packet, field);
	if (field->element != NULL)
		layout->packet->has_names |= field->element->has_names;
	if (field->type.kind == TYPE_NAME)
		layout->packet->has_names = true;
	if (is_fixed_type(field))
		lay_out_fixed(layout, field, field->type.width);
	else if (field->type.kind == TYPE_BYTES)
		lay_out_bytes(layout, field);
	else
		lay_out_variable(layout, field);
}

static void lay_out_block(struct layout *layout, struct block *block)
{
	struct report *report = &layout->compiler->report;

	for (size_t i = 0; i < block->field_count; i++)
		lay_out_field(layout, block->fields[i]);
	block->end = layout->at;
	if (block->classify == NULL) {
		if (layout->at.bits % 8 == 0)
			return;
		report_error(report,
		             block->field_count > 0 ? block->fields[block->field_count - 1]->place
		                                    : layout->packet->place,
		             "the packet ends within a byte, after %llu of its bits",
		             (unsigned long long)(layout->at.bits % 8));
		report_hint(report, "%llu more would end it with the byte",
		            (unsigned long long)(8 - layout->at.bits % 8));
		return;
	}
	/* Early: arms' sizes may use the field. */
	check_classify(layout->compiler, layout->packet, block->classify);
	for (size_t i = 0; i < block->classify->arm_count; i++) {
		layout->at = block->end;
		lay_out_block(layout, block->classify->arms[i].block);
	}
}

static wide field_size_min(const struct field *field)
{
	wide low = field->size != NULL && field->size->range.low > 0 ? field->size->range.low : 0;

	switch (field->type.kind) {
	case TYPE_BYTES:
		return low;
	case TYPE_STRING:
		return field->type.width == 0 ? 1 : field->type.width / 8;
	case TYPE_MPINT:
		return 4;
	case TYPE_NAME:
		return 1;
	case TYPE_LIST:
		if (field->list == LIST_BYTES)
			return low;
		if (field->list == LIST_CHAIN || field->element == NULL || low > (1 << 20))
			return 0;
		return low * (wide)field->element->size_min;
	case TYPE_PACKET:
		if (field->size != NULL)
			return low;
		return field->element != NULL ? (wide)field->element->size_min : 0;
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
	return 0;
}

static bool takes_all(const struct field *field)
{
	return field->size != NULL && field->size->kind == EXPRESSION_CALL &&
	       field->size->function == FUNCTION_REMAINING &&
	       (field->type.kind == TYPE_BYTES ||
	        (field->type.kind == TYPE_LIST && field->list == LIST_BYTES));
}

/* Least size of a block with its arms, in bits. */
static wide measure(struct compiler *compiler, const struct block *block)
{
	wide after = -1;

	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++) {
		wide arm = measure(compiler, block->classify->arms[i].block);
		after = after < 0 || arm < after ? arm : after;
	}
	after = after < 0 ? 0 : after;
	for (size_t i = block->field_count; i-- > 0;) {
		const struct field *field = block->fields[i];

		if (takes_all(field) && after > 0) {
			report_error(&compiler->report, field->size->place,
			             "`%s` takes all bytes that are left, but at least %d more "
			             "follow it",
			             field->name, (int)(after / 8 > 9999 ? 9999 : after / 8));
			report_hint(&compiler->report, "write `remaining() - %d`",
			            (int)(after / 8 > 9999 ? 9999 : after / 8));
		}
		after += field->fixed ? (wide)field->width_bits : field_size_min(field) * 8;
		if (after > SIZE_MAX_BYTES * 8)
			after = SIZE_MAX_BYTES * 8;
	}
	return after;
}

void lay_out(struct compiler *compiler, struct packet *packet)
{
	struct layout layout = { .compiler = compiler, .packet = packet };

	lay_out_block(&layout, packet->block);
	packet->size_min = (uint64_t)(measure(compiler, packet->block) / 8);
	packet->fixed = packet->block->classify == NULL && packet->block->end.base == NULL;
}
