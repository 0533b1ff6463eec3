// SPDX-License-Identifier: ISC
/* The decode table: what each packet has, for other programs. */
#include "mplc/emit.h"

#include <string.h>

static void emit_string(struct emitter *emitter, const char *text, size_t length)
{
	fputc('"', emitter->out);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
			fprintf(emitter->out, "\\u%04x", c);
		else
			fputc(c, emitter->out);
	}
	fputc('"', emitter->out);
}

/* "expression": as the specification has it. */
static void emit_expression(struct emitter *emitter, const char *key,
                            const struct expression *expression)
{
	if (expression == NULL)
		return;
	emit(emitter, ", \"%s\": ", key);
	emit_string(emitter, expression->place.source->text + expression->place.offset,
	            expression->place.length);
}

static void emit_values(struct emitter *emitter, const struct variant *variant)
{
	emit(emitter, ", \"values\": {");
	for (size_t i = 0; i < variant->count; i++) {
		const struct expression *match = variant->members[i].match;
		char buffer[48];

		emit(emitter, "%s\"%s\": ", i > 0 ? ", " : "", variant->members[i].name);
		if (match->value == VALUE_STRING)
			emit_string(emitter, match->text, match->text_length);
		else
			emit(emitter, "%s", wide_text(match->range.low, buffer, sizeof(buffer)));
	}
	emit(emitter, "}");
}

static void emit_field(struct emitter *emitter, const struct field *field)
{
	emit(emitter, "{\"name\": ");
	emit_string(emitter, field->name, strlen(field->name));
	emit(emitter, ", \"type\": ");
	emit_string(emitter, field->type_name, strlen(field->type_name));
	emit(emitter, ", \"line\": %zu, \"bit\": %llu", place_line(field->place),
	     (unsigned long long)field->start.bits);
	if (field->start.base != NULL) {
		emit(emitter, ", \"after\": ");
		emit_string(emitter, field->start.base->name, strlen(field->start.base->name));
	}
	if (field->fixed)
		emit(emitter, ", \"bits\": %llu", (unsigned long long)field->width_bits);
	if (field->type.little)
		emit(emitter, ", \"little\": true");
	if (field->element != NULL) {
		emit(emitter, ", \"of\": ");
		emit_string(emitter, field->element->name, strlen(field->element->name));
	}
	emit_expression(emitter, "size", field->size);
	emit_expression(emitter, "const", field->attributes.constant);
	emit_expression(emitter, "value", field->attributes.value);
	emit_expression(emitter, "default", field->attributes.initial);
	emit_expression(emitter, "min", field->attributes.minimum);
	emit_expression(emitter, "max", field->attributes.maximum);
	if (field->attributes.checksum != NULL)
		emit(emitter, ", \"checksum\": \"%s\"", field->attributes.checksum->algorithm);
	if (field->attributes.variant != NULL)
		emit_values(emitter, field->attributes.variant);
	emit(emitter, "}");
}

static void emit_block(struct emitter *emitter, const struct block *block, const char *indent)
{
	const char *inner = text_format(emitter, "%s    ", indent);

	emit(emitter, "\"fields\": [");
	for (size_t i = 0; i < block->field_count; i++) {
		emit(emitter, "%s\n%s  ", i > 0 ? "," : "", indent);
		emit_field(emitter, block->fields[i]);
	}
	emit(emitter, "]");
	if (block->classify == NULL)
		return;
	emit(emitter, ",\n%s\"classify\": ", indent);
	emit_string(emitter, block->classify->name, strlen(block->classify->name));
	emit(emitter, ", \"arms\": [");
	for (size_t i = 0; i < block->classify->arm_count; i++) {
		const struct arm *arm = &block->classify->arms[i];

		emit(emitter, "%s\n%s  {\"name\": ", i > 0 ? "," : "", indent);
		emit_string(emitter, arm->name, strlen(arm->name));
		emit_expression(emitter, "match", arm->match);
		emit_expression(emitter, "when", arm->guard);
		emit(emitter, ",\n%s", inner);
		emit_block(emitter, arm->block, inner);
		emit(emitter, "}");
	}
	emit(emitter, "]");
}

void emit_json_file(struct emitter *emitter)
{
	const struct module *module = emitter->module;

	emit(emitter, "{\"module\": ");
	emit_string(emitter, module->name, strlen(module->name));
	emit(emitter, ", \"packets\": [");
	for (size_t i = 0; i < module->packet_count; i++) {
		const struct packet *packet = module->packets[i];

		emit(emitter, "%s\n  {\"name\": ", i > 0 ? "," : "");
		emit_string(emitter, packet->name, strlen(packet->name));
		emit(emitter, ", \"least_size\": %llu", (unsigned long long)packet->size_min);
		emit(emitter, ", \"parameters\": [");
		for (size_t j = 0; j < packet->parameter_count; j++) {
			emit(emitter, "%s", j > 0 ? ", " : "");
			emit_string(emitter, packet->parameters[j].name,
			            strlen(packet->parameters[j].name));
		}
		emit(emitter, "],\n    ");
		emit_block(emitter, packet->block, "    ");
		emit(emitter, "}");
	}
	emit(emitter, "]}\n");
}
