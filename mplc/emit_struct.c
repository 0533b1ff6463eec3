// SPDX-License-Identifier: ISC
/* Types: constants, enums of variants and arms, the view and the fields. */
#include "mplc/emit.h"

#include <string.h>

#include "mplc/check.h"

static void emit_variant(struct emitter *emitter, const struct field *field)
{
	const struct variant *variant = field->attributes.variant;

	emit_origin(emitter, field, "");
	emit_line(emitter, variant->place);
	if (field->type.width > 31 && field->type.kind != TYPE_STRING) {
		for (size_t i = 0; i < variant->count; i++)
			emit(emitter, "#define %s %s\n", variant->members[i].c_name,
			     number_text(emitter, variant->members[i].match->range.low));
	} else {
		emit(emitter, "enum %s {\n", field->accessor);
		if (field->type.kind == TYPE_STRING)
			for (size_t i = 0; i < variant->count; i++)
				emit(emitter, "\t%s = %zu, /* %s */\n", variant->members[i].c_name,
				     i + 1,
				     string_text(emitter, variant->members[i].match->text,
				                 variant->members[i].match->text_length));
		else
			for (size_t i = 0; i < variant->count; i++)
				emit(emitter, "\t%s = %s,\n", variant->members[i].c_name,
				     number_text(emitter, variant->members[i].match->range.low));
		emit(emitter, "};\n");
	}
	if (field->type.kind == TYPE_STRING)
		emit(emitter,
		     "\n/* Which of the texts above it is; 0 for another. */\nint %s_name(struct "
		     "slice "
		     "text);\n\n",
		     field->accessor);
	else
		emit(emitter,
		     "\n/* \"%s\", …; NULL for a value without a name. */\nconst char *%s_name(%s "
		     "value);\n\n",
		     variant->members[0].name, field->accessor, number_type(field));
}

static void emit_tags(struct emitter *emitter, const struct classify *classify)
{
	emit_line(emitter, classify->name_place);
	emit(emitter, "enum %s_tag {\n", classify->c_name);
	for (size_t i = 0; i < classify->arm_count; i++) {
		const struct place match = classify->arms[i].match->place;

		emit(emitter, "\t%s%s, /* %.*s */\n", classify->arms[i].c_tag, i == 0 ? " = 1" : "",
		     place_text(match));
	}
	emit(emitter, "};\n\n");
}

static void emit_enums(struct emitter *emitter, const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (block->fields[i]->attributes.variant != NULL)
			emit_variant(emitter, block->fields[i]);
	if (block->classify == NULL)
		return;
	emit_tags(emitter, block->classify);
	for (size_t i = 0; i < block->classify->arm_count; i++)
		emit_enums(emitter, block->classify->arms[i].block);
}

static bool view_has_members(const struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++)
		if (!block->fields[i]->fixed)
			return true;
	return block->classify != NULL;
}

static void emit_view_members(struct emitter *emitter, const struct block *block,
                              const char *indent)
{
	const struct classify *classify = block->classify;
	bool any = false;

	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		if (field->fixed)
			continue;
		emit(emitter, "%ssize_t %s_end;\n", indent, field->c_name);
		if (field->type.kind == TYPE_LIST)
			emit(emitter, "%ssize_t %s_count;\n", indent, field->c_name);
		if (field->type.kind == TYPE_LIST && field->list == LIST_CHAIN)
			emit(emitter, "%suint32_t %s_last;\n", indent, field->c_name);
	}
	if (classify == NULL)
		return;
	emit(emitter, "%senum %s_tag tag;\n", indent, classify->c_name);
	for (size_t i = 0; i < classify->arm_count; i++)
		any = any || view_has_members(classify->arms[i].block);
	if (!any)
		return;
	emit(emitter, "%sunion {\n", indent);
	for (size_t i = 0; i < classify->arm_count; i++) {
		if (!view_has_members(classify->arms[i].block))
			continue;
		emit(emitter, "%s\tstruct {\n", indent);
		emit_view_members(emitter, classify->arms[i].block,
		                  text_format(emitter, "%s\t\t", indent));
		emit(emitter, "%s\t} %s;\n", indent, classify->arms[i].c_name);
	}
	emit(emitter, "%s};\n", indent);
}

static void emit_view(struct emitter *emitter, const struct packet *packet)
{
	bool given = false;

	emit(emitter, "/* A parsed packet; only the first two members are for you. */\n");
	emit_line(emitter, packet->place);
	emit(emitter,
	     "struct %s {\n"
	     "\tstruct slice bytes; /* the packet, without what follows it */\n"
	     "\tstruct packet_fault fault; /* where parsing failed */\n",
	     packet->c_name);
	if (packet->has_names)
		emit(emitter, "\tstruct slice message; /* what names' pointers point into */\n");
	for (size_t i = 0; i < packet->parameter_count; i++)
		given = given || packet->parameters[i].kind != PARAMETER_PSEUDO;
	if (given) {
		emit(emitter, "\tstruct {\n");
		for (size_t i = 0; i < packet->parameter_count; i++)
			if (packet->parameters[i].kind != PARAMETER_PSEUDO)
				emit(emitter, "\t\t%s %s;\n",
				     packet->parameters[i].kind == PARAMETER_BOOLEAN ? "bool"
				                                                     : "uint32_t",
				     packet->parameters[i].c_name);
		emit(emitter, "\t} given;\n");
	}
	emit_view_members(emitter, packet->block, "\t");
	emit(emitter, "};\n\n");
}

static void emit_member(struct emitter *emitter, const struct field *field, const char *indent)
{
	const char *type = argument_type(field);

	emit_origin(emitter, field, indent);
	if (field->type.kind == TYPE_LIST)
		emit(emitter,
		     "%sstruct {\n"
		     "%s\tconst struct %s_fields *items; /* NULL: `encoded` instead */\n"
		     "%s\tsize_t count;\n"
		     "%s\tstruct packet_bytes encoded; /* `count` elements as they are */\n"
		     "%s} %s;\n",
		     indent, indent, field->element->c_name, indent, indent, indent, field->c_name);
	else if (field->type.kind == TYPE_PACKET)
		emit(emitter, "%sstruct %s_fields %s;\n", indent, field->element->c_name,
		     field->c_name);
	else
		emit(emitter, "%s%s %s;%s\n", indent, type, field->c_name,
		     has_tag_value(field) ? " /* only for a tag that does not give it */" : "");
}

static void emit_field_members(struct emitter *emitter, const struct block *block,
                               const char *indent)
{
	const struct classify *classify = block->classify;
	bool any = false;

	for (size_t i = 0; i < block->field_count; i++)
		if (is_argument(block->fields[i]))
			emit_member(emitter, block->fields[i], indent);
	if (classify == NULL)
		return;
	emit(emitter, "%senum %s_tag tag; /* which arm */\n", indent, classify->c_name);
	for (size_t i = 0; i < classify->arm_count; i++)
		any = any || has_arguments(classify->arms[i].block);
	if (!any)
		return;
	emit(emitter, "%sunion {\n", indent);
	for (size_t i = 0; i < classify->arm_count; i++) {
		if (!has_arguments(classify->arms[i].block))
			continue;
		emit(emitter, "%s\tstruct {\n", indent);
		emit_field_members(emitter, classify->arms[i].block,
		                   text_format(emitter, "%s\t\t", indent));
		emit(emitter, "%s\t} %s;\n", indent, classify->arms[i].c_name);
	}
	emit(emitter, "%s};\n", indent);
}

void emit_structs(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name;

	emit(emitter, "/*\n * %s (%s:%zu)\n */\n\n", packet->name, emitter->module->source.path,
	     place_line(packet->place));
	emit_enums(emitter, packet->block);
	emit_view(emitter, packet);
	emit(emitter, "/* What %s_build() needs to be told. */\n", name);
	emit_line(emitter, packet->place);
	emit(emitter, "struct %s_fields {\n", name);
	if (packet->has_names)
		emit(emitter, "\tconst struct packet_compression *compression; /* NULL: none */\n");
	else if (!has_arguments(packet->block))
		emit(emitter, "\tchar nothing; /* all is constant or computed */\n");
	emit_field_members(emitter, packet->block, "\t");
	emit(emitter, "};\n\n");
}

static void emit_parse_prototypes(struct emitter *emitter, const struct packet *packet,
                                  const char *parameters)
{
	const char *name = packet->c_name;
	const char *own = own_arguments_text(emitter, packet);

	emit(emitter,
	     "/*\n * Check the packet at the start of `bytes` and make a view of it. %s\n"
	     " * Errors are those of <mirage/packet.h>; view->fault then says where.\n */\n",
	     packet->fixed ? text_format(emitter, "It has %llu bytes.",
	                                 (unsigned long long)packet->size_min)
	                   : text_format(emitter, "It has at least %llu bytes.",
	                                 (unsigned long long)packet->size_min));
	if (packet->has_names) {
		emit(emitter,
		     "must_check int %s_parse_at(struct slice message, size_t offset, struct %s "
		     "*view%s);\n\n",
		     name, name, parameters);
		emit(emitter,
		     "static inline must_check int %s_parse(struct slice bytes, struct %s "
		     "*view%s)\n{\n"
		     "\treturn %s_parse_at(bytes, 0, view%s);\n}\n\n",
		     name, name, parameters, name, own);
	} else {
		emit(emitter, "must_check int %s_parse(struct slice bytes, struct %s *view%s);\n\n",
		     name, name, parameters);
	}
	emit(emitter,
	     "/* For generated code: a view of what was parsed before, without the checks. */\n"
	     "must_check int %s_again(struct slice %s, struct %s *view%s);\n\n",
	     name, packet->has_names ? "message, size_t offset" : "bytes", name, parameters);
	emit(emitter,
	     "/* Like %s_parse(), and nothing may follow the packet: -E2BIG. */\n"
	     "static inline must_check int %s_parse_whole(struct slice bytes, struct %s "
	     "*view%s)\n{\n"
	     "\tint error = %s_parse(bytes, view%s);\n\n"
	     "\tif (error == 0 && view->bytes.length != bytes.length)\n"
	     "\t\treturn packet_fail(&view->fault, -E2BIG, \"%s\", view->bytes.length);\n"
	     "\treturn error;\n}\n\n",
	     name, name, name, parameters, name, own, packet->name);
}

void emit_prototypes(struct emitter *emitter, const struct packet *packet)
{
	const char *name = packet->c_name;
	const char *parameters = parameters_text(emitter, packet);

	emit_parse_prototypes(emitter, packet, parameters);
	emit(emitter,
	     "/* Fields with the defaults of the specification, all else 0. */\n"
	     "struct %s_fields %s_defaults(void);\n\n"
	     "/* Fields that build the viewed packet again; they borrow its bytes. */\n"
	     "void %s_fields_of(const struct %s *view, struct %s_fields *fields);\n\n"
	     "/* Bytes that %s_build() will write, without those that functions write%s; or an "
	     "error. */\n"
	     "must_check int %s_size(const struct %s_fields *fields);\n\n"
	     "/* Write the packet at the start of `into`. The number of bytes, or an error. */\n",
	     name, name, name, name, name, name,
	     packet->has_names ? " and with names not compressed" : "", name, name);
	if (packet->has_names) {
		emit(emitter,
		     "must_check int %s_build_at(struct slice message, size_t offset, const struct "
		     "%s_fields *fields,\n\tconst struct packet_compression *compression%s);\n\n",
		     name, name, parameters);
		emit(emitter,
		     "static inline must_check int %s_build(struct slice into, const struct "
		     "%s_fields "
		     "*fields%s)\n{\n\treturn %s_build_at(into, 0, fields, "
		     "fields->compression%s);\n}\n\n",
		     name, name, parameters, name, own_arguments_text(emitter, packet));
	} else {
		emit(emitter,
		     "must_check int %s_build(struct slice into, const struct %s_fields "
		     "*fields%s);\n\n",
		     name, name, parameters);
	}
	emit(emitter,
	     "/* As text, through <mirage/packet_text.h>. */\n"
	     "void %s_print(const struct %s *view, struct packet_text *out);\n\n"
	     "/* One line in `text`, cut if need be; the length it would have without its NUL. */\n"
	     "static inline size_t %s_to_string(const struct %s *view, char *text, size_t "
	     "size)\n{\n"
	     "\tstruct packet_text out = packet_text_of(text, size, false);\n\n"
	     "\t%s_print(view, &out);\n\treturn out.length;\n}\n\n"
	     "/* The same with a line for each field, after its offset. */\n"
	     "static inline size_t %s_dump(const struct %s *view, char *text, size_t size)\n{\n"
	     "\tstruct packet_text out = packet_text_of(text, size, true);\n\n"
	     "\t%s_print(view, &out);\n\treturn out.length;\n}\n\n",
	     name, name, name, name, name, name, name, name);
}
