// SPDX-License-Identifier: ISC
/* Checksums, and the checks of a packet as a whole. */
#include <string.h>

#include "mplc/check.h"

static struct field *covered_field(struct compiler *compiler, struct field *field, const char *name,
                                   struct place place)
{
	struct field *found = find_field(field->block, name);

	if (found == NULL)
		report_error(&compiler->report, place, "no field is called `%s` here", name);
	return found;
}

static void check_algorithm(struct compiler *compiler, const struct field *field)
{
	const struct checksum *checksum = field->attributes.checksum;
	unsigned width = 0;

	if (strcmp(checksum->algorithm, "internet") == 0)
		width = 16;
	else if (strcmp(checksum->algorithm, "crc32") == 0)
		width = 32;
	else
		report_error(&compiler->report, checksum->algorithm_place,
		             "there is no checksum `%s`: expected `internet` or `crc32`",
		             checksum->algorithm);
	if (width != 0 && (field->type.kind != TYPE_UNSIGNED || field->type.width != width))
		report_error(&compiler->report, field->type_place,
		             "a checksum `%s` is a uint%u, not %s", checksum->algorithm, width,
		             field->type_name);
	if (width == 16 && field->type.little) {
		report_error(&compiler->report, field->type_place,
		             "an Internet checksum is in network order");
		report_hint(&compiler->report, "declare it as `%s: uint16be`", field->name);
	}
}

static void check_pseudo(struct compiler *compiler, struct packet *packet,
                         struct checksum *checksum)
{
	for (size_t i = 0; i < packet->parameter_count; i++)
		if (strcmp(packet->parameters[i].name, checksum->pseudo) == 0)
			checksum->parameter = &packet->parameters[i];
	if (checksum->parameter != NULL && checksum->parameter->kind == PARAMETER_PSEUDO) {
		checksum->parameter->used = true;
		return;
	}
	report_error(&compiler->report, checksum->pseudo_place,
	             "expected `optional` or a parameter of type `pseudo`, not `%s`",
	             checksum->pseudo);
	if (packet->parameter_count == 0)
		report_hint(&compiler->report, "declare it: packet %s(pseudo %s) { ... }",
		            packet->name, checksum->pseudo);
}

/* A sum of 0 says that the bytes are right only if it is among them; a CRC is beside what it covers. */
static void check_own(struct compiler *compiler, const struct field *field)
{
	const struct checksum *checksum = field->attributes.checksum;
	const struct field *first = checksum->first_field, *last = checksum->last_field;
	bool after_first =
		first == NULL || first->block != field->block || first->index <= field->index;
	bool before_last =
		last == NULL || last->block != field->block || last->index >= field->index;
	bool covered = after_first && before_last;

	if ((checksum->first != NULL && first == NULL) || (checksum->last != NULL && last == NULL))
		return;
	if (strcmp(checksum->algorithm, "crc32") == 0 && covered)
		report_error(&compiler->report, checksum->place, "a crc32 cannot cover itself");
	else if (strcmp(checksum->algorithm, "internet") == 0 && !covered &&
	         !(first != NULL && last != NULL && first->index > last->index))
		report_error(
			&compiler->report, checksum->place,
			"an Internet checksum must cover itself: `%s` is not between the first "
			"field and the last",
			field->name);
}

static void check_checksum(struct compiler *compiler, struct packet *packet, struct field *field)
{
	struct checksum *checksum = field->attributes.checksum;

	check_algorithm(compiler, field);
	if (checksum->pseudo != NULL)
		check_pseudo(compiler, packet, checksum);
	if (checksum->pseudo != NULL && strcmp(checksum->algorithm, "crc32") == 0)
		report_error(&compiler->report, checksum->pseudo_place,
		             "a crc32 has no pseudo header");
	if (checksum->first != NULL)
		checksum->first_field =
			covered_field(compiler, field, checksum->first, checksum->first_place);
	if (checksum->last != NULL)
		checksum->last_field =
			covered_field(compiler, field, checksum->last, checksum->last_place);
	if (checksum->first_field != NULL && checksum->first_field->start.bits % 8 != 0)
		report_error(&compiler->report, checksum->first_place,
		             "`%s` does not begin with a byte", checksum->first);
	if (checksum->last_field != NULL && checksum->last_field->end.bits % 8 != 0)
		report_error(&compiler->report, checksum->last_place,
		             "`%s` does not end with a byte", checksum->last);
	check_own(compiler, field);
	if (checksum->first_field != NULL && checksum->last_field != NULL &&
	    checksum->first_field->block == checksum->last_field->block &&
	    checksum->first_field->index > checksum->last_field->index)
		report_error(&compiler->report, checksum->place,
		             "the checksum covers nothing: `%s` comes after `%s`", checksum->first,
		             checksum->last);
}

void check_checksums(struct compiler *compiler, struct packet *packet, struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (block->fields[i]->attributes.checksum != NULL)
			check_checksum(compiler, packet, block->fields[i]);
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		check_checksums(compiler, packet, block->classify->arms[i].block);
}

void check_packet(struct compiler *compiler, struct packet *packet)
{
	check_values(compiler, packet, packet->block);
	check_checksums(compiler, packet, packet->block);
}
