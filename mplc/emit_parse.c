// SPDX-License-Identifier: ISC
/* Parsing: every check, once, in the order of the bytes. */
#include "mplc/emit_parse.h"

#include <string.h>

#include "mplc/check.h"

const char *fault_name(struct emitter *emitter, const struct field *field)
{
	const char *name = text_format(emitter, "%s.%s%s", field->block->packet->name, field->path,
	                               field->name);

	return string_text(emitter, name, strlen(name));
}

void emit_failure(struct emitter *emitter, const char *indent, const char *condition,
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
	/* What no value of the type can miss is not compared: compilers warn. */
	if (attributes->minimum != NULL && attributes->constant == NULL &&
	    field->minimum > type_bounds(field).low)
		emit_failure(
			emitter, indent,
			text_format(emitter, "%s < %s", load, number_text(emitter, field->minimum)),
			"-ERANGE", field);
	if (attributes->maximum != NULL && attributes->constant == NULL &&
	    field->maximum < type_bounds(field).high)
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
