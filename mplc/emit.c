// SPDX-License-Identifier: ISC
/* Pieces of C. */
#include "mplc/emit.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mplc/check.h"

void emit(struct emitter *emitter, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(emitter->out, format, arguments);
	va_end(arguments);
}

char *text_format(struct emitter *emitter, const char *format, ...)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	va_list arguments;

	va_start(arguments, format);
	vfprintf(file, format, arguments);
	va_end(arguments);
	fclose(file);
	char *copy = arena_copy(&emitter->compiler->arena, text, size);
	free(text);
	return copy;
}

const char *module_macro(struct emitter *emitter)
{
	char *text = text_format(emitter, "%s", emitter->module->name);

	for (char *c = text; *c != '\0'; c++)
		*c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
	return text;
}

void emit_line(struct emitter *emitter, struct place place)
{
	const char *path = place.source->path;

	if (emitter->lines)
		emit(emitter, "#line %zu %s\n", place_line(place),
		     string_text(emitter, path, strlen(path)));
}

void emit_origin(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *text = field->place.source->text;
	size_t end = field->place.offset, depth = 0;
	bool blank = false;

	/* Up to the `;`, on one line, without what would end the comment. */
	emit(emitter, "%s/* %zu: ", indent, place_line(field->place));
	for (size_t shown = 0; end < field->place.source->length && shown < 90; end++) {
		char c = text[end];

		if (c == '{' || c == '(')
			depth++;
		if ((c == '}' || c == ')') && depth > 0)
			depth--;
		if ((c == ';' && depth == 0) || (c == '/' && text[end + 1] == '*') ||
		    (c == '*' && text[end + 1] == '/') || (c == '/' && text[end + 1] == '/'))
			break;
		bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
		if (space && blank)
			continue;
		blank = space;
		fputc(space ? ' ' : c < ' ' ? '?' : c, emitter->out);
		shown++;
	}
	emit(emitter, "%s */\n", text[end] == ';' ? "" : " ...");
}

bool fits_int64(struct interval interval)
{
	return interval.low >= INT64_MIN && interval.high <= INT64_MAX;
}

const char *number_text(struct emitter *emitter, wide value)
{
	char buffer[48];

	if (value == INT64_MIN)
		return "(-INT64_MAX - 1)";
	if (value < 0 || value <= INT32_MAX) {
		const char *suffix = value < -INT32_MAX ? "LL" : "";
		return text_format(emitter, "%s%s", wide_text(value, buffer, sizeof(buffer)),
		                   suffix);
	}
	if (value <= UINT32_MAX)
		return text_format(emitter, "0x%llxU", (unsigned long long)value);
	if (value <= INT64_MAX)
		return text_format(emitter, "0x%llxLL", (unsigned long long)value);
	if (value <= UINT64_MAX)
		return text_format(emitter, "0x%llxULL", (unsigned long long)value);
	return text_format(emitter, "((packet_uint128)0x%llxULL << 64 | 0x%llxULL)",
	                   (unsigned long long)(value >> 64),
	                   (unsigned long long)(value & UINT64_MAX));
}

const char *string_text(struct emitter *emitter, const char *text, size_t length)
{
	char *quoted = arena_take(&emitter->compiler->arena, length * 4 + 3), *to = quoted;

	*to++ = '"';
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '?')
			to += sprintf(to, "\\%03o", c);
		else
			*to++ = (char)c;
	}
	*to++ = '"';
	return quoted;
}

const char *number_type(const struct field *field)
{
	static const char *const unsigned_types[] = { "uint8_t", "uint16_t", "uint32_t",
		                                      "uint64_t" };
	static const char *const signed_types[] = { "int8_t", "int16_t", "int32_t", "int64_t" };
	unsigned width = field->type.width;
	size_t index = width <= 8 ? 0 : width <= 16 ? 1 : width <= 32 ? 2 : 3;

	if (field->type.kind == TYPE_BOOLEAN)
		return "bool";
	if (!is_integer_type(field))
		return NULL;
	if (width > 64)
		return "packet_uint128";
	return field->type.kind == TYPE_SIGNED ? signed_types[index] : unsigned_types[index];
}

const char *value_type(const struct field *field)
{
	switch (field->type.kind) {
	case TYPE_BYTES:
	case TYPE_STRING:
	case TYPE_MPINT:
		return "struct slice";
	case TYPE_NAME:
		return "struct packet_name";
	case TYPE_LABEL:
		return "size_t";
	case TYPE_IPV4:
		return "struct ipv4_address";
	case TYPE_IPV6:
		return "struct ipv6_address";
	case TYPE_MAC:
		return "struct mac_address";
	case TYPE_UNRESOLVED:
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
	case TYPE_BITS:
	case TYPE_BOOLEAN:
	case TYPE_LIST:
	case TYPE_PACKET:
	case TYPE_STRUCT:
		break;
	}
	return number_type(field);
}

const char *argument_type(const struct field *field)
{
	if (field->type.kind == TYPE_BYTES || field->type.kind == TYPE_STRING ||
	    field->type.kind == TYPE_MPINT)
		return "struct packet_bytes";
	return value_type(field);
}

const char *end_text(struct emitter *emitter, enum context context, const struct field *field)
{
	if (context == CONTEXT_VIEW)
		return text_format(emitter, "view->%s%s_end", field->path, field->c_name);
	return text_format(emitter, "%s_end", field->local);
}

const char *position_text(struct emitter *emitter, enum context context, struct position position)
{
	unsigned long long bytes = position.bits / 8;

	if (position.base == NULL)
		return text_format(emitter, "%llu", bytes);
	const char *base = end_text(emitter, context, position.base);
	return bytes == 0 ? base : text_format(emitter, "%s + %llu", base, bytes);
}

const char *less_text(struct emitter *emitter, const char *from, const char *amount)
{
	if (strcmp(amount, "0") == 0)
		return from;
	return text_format(emitter, strchr(amount, ' ') != NULL ? "%s - (%s)" : "%s - %s", from,
	                   amount);
}

const char *plus_text(struct emitter *emitter, const char *base, const char *amount)
{
	return strcmp(amount, "0") == 0 ? base : text_format(emitter, "%s + %s", base, amount);
}

static const char *load_integer(struct emitter *emitter, const struct field *field, const char *at,
                                const char *indexed)
{
	const char *order = field->type.little ? "le" : "be";
	unsigned width = field->type.width;

	if (width == 8)
		return field->type.kind == TYPE_SIGNED ? text_format(emitter, "(int8_t)%s", indexed)
		                                       : indexed;
	const char *sign = field->type.kind == TYPE_SIGNED
	                           ? text_format(emitter, "(%s)", number_type(field))
	                           : "";
	if (width == 24)
		return text_format(emitter, "(uint32_t)packet_%s(%s, 3)", order, at);
	if (width == 48)
		return text_format(emitter, "packet_%s(%s, 6)", order, at);
	return text_format(emitter, "%spacket_%s%u(%s)", sign, order, width, at);
}

unsigned string_prefix(const struct field *field)
{
	return field->type.kind == TYPE_MPINT    ? 4
	       : field->type.kind == TYPE_STRING ? field->type.width / 8
	                                         : 0;
}

unsigned string_extra(const struct field *field)
{
	return field->type.kind == TYPE_STRING && field->type.width == 0 ? 1 : string_prefix(field);
}

const char *load_text(struct emitter *emitter, enum context context, const struct field *field)
{
	const char *p = context == CONTEXT_PARSE ? "p" : "view->bytes.bytes";
	const char *start = position_text(emitter, context, field->start);
	const char *at = plus_text(emitter, p, start);
	const char *indexed = text_format(emitter, "%s[%s]", p, start);

	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
		return load_integer(emitter, field, at, indexed);
	case TYPE_BITS:
		return text_format(emitter, "(%s)packet_bits%s(%s, %u, %u)", number_type(field),
		                   field->type.little ? "_lsb" : "", at,
		                   (unsigned)(field->start.bits % 8), field->type.width);
	case TYPE_BOOLEAN:
		return text_format(emitter, "%s != 0", indexed);
	case TYPE_BYTES:
	case TYPE_STRING:
	case TYPE_MPINT:
		if (field->fixed)
			return text_format(emitter, "slice_of(%s, %llu)", at,
			                   (unsigned long long)field->width_bits / 8);
		if (string_extra(field) == 0)
			return text_format(
				emitter, "slice_of(%s, %s)", at,
				less_text(emitter, end_text(emitter, context, field), start));
		return text_format(emitter, "slice_of(%s + %u, %s - %u)", at, string_prefix(field),
		                   less_text(emitter, end_text(emitter, context, field), start),
		                   string_extra(field));
	case TYPE_NAME:
		if (context == CONTEXT_PARSE)
			return text_format(emitter, "(struct packet_name){ message, offset + %s }",
			                   start);
		return text_format(emitter,
		                   "(struct packet_name){ view->message, (size_t)(%s - "
		                   "view->message.bytes) }",
		                   at);
	case TYPE_IPV4:
		return text_format(emitter, "packet_ipv4(%s)", at);
	case TYPE_IPV6:
		return text_format(emitter, "packet_ipv6(%s)", at);
	case TYPE_MAC:
		return text_format(emitter, "packet_mac(%s)", at);
	case TYPE_LABEL:
		return start;
	case TYPE_UNRESOLVED:
	case TYPE_LIST:
	case TYPE_PACKET:
	case TYPE_STRUCT:
		break;
	}
	return "0";
}

bool is_argument(const struct field *field)
{
	return field->attributes.constant == NULL && field->attributes.value == NULL &&
	       field->attributes.checksum == NULL && field->type.kind != TYPE_LABEL &&
	       !(field->classified != NULL && field->classified->exact);
}

bool has_tag_value(const struct field *field)
{
	return field->classified != NULL && field->attributes.value == NULL &&
	       field->type.kind != TYPE_STRING;
}

bool has_arguments(const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (is_argument(block->fields[i]))
			return true;
	return block->classify != NULL;
}

bool has_accepts(const struct packet *packet)
{
	const struct classify *classify = packet->block->classify;

	return packet->parameter_count > 0 && classify != NULL &&
	       classify->parameter == &packet->parameters[0] &&
	       classify->parameter->kind == PARAMETER_INTEGER;
}

static const char *parameter_type(const struct parameter *parameter)
{
	if (parameter->kind == PARAMETER_PSEUDO)
		return "struct packet_pseudo";
	if (parameter->kind == PARAMETER_BOOLEAN)
		return "bool";
	return parameter->width == 8 ? "uint8_t" : parameter->width == 16 ? "uint16_t" : "uint32_t";
}

const char *parameters_text(struct emitter *emitter, const struct packet *packet)
{
	const char *text = "";

	for (size_t i = 0; i < packet->parameter_count; i++)
		text = text_format(emitter, "%s, %s %s", text,
		                   parameter_type(&packet->parameters[i]),
		                   packet->parameters[i].c_name);
	return text;
}

const char *own_arguments_text(struct emitter *emitter, const struct packet *packet)
{
	const char *text = "";

	for (size_t i = 0; i < packet->parameter_count; i++)
		text = text_format(emitter, "%s, %s", text, packet->parameters[i].c_name);
	return text;
}

const char *arguments_text(struct emitter *emitter, enum context context, const struct field *field,
                           const char *kind)
{
	const struct packet *element = field->element;
	const char *text = kind != NULL ? text_format(emitter, ", %s", kind) : "";
	size_t first = kind != NULL ? 1 : 0;

	for (size_t i = 0; i < field->argument_count && first + i < element->parameter_count; i++) {
		const struct parameter *parameter = &element->parameters[first + i];

		if (parameter->kind == PARAMETER_PSEUDO && context == CONTEXT_VIEW)
			text = text_format(emitter, "%s, packet_pseudo_skip()", text);
		else if (parameter->kind == PARAMETER_PSEUDO)
			text = text_format(emitter, "%s, %s", text,
			                   field->arguments[i]->parameter->c_name);
		else
			text = text_format(emitter, "%s, (%s)(%s)", text, parameter_type(parameter),
			                   expression_text(emitter, context, field->arguments[i]));
	}
	return text;
}
