// SPDX-License-Identifier: ISC
/* Lists and parts of a view: read again without the checks, in the header unless they have names. */
#include "mplc/emit.h"

#include "mplc/check.h"

/* The function that makes a view of a part without names, which was checked before. */
static const char *again_text(struct emitter *emitter, const struct packet *element)
{
	return text_format(emitter, walks_inline(emitter, element) ? "%s_walk" : "%s_again",
	                   element->c_name);
}

static const char *unchecked_text(struct emitter *emitter, const struct packet *element)
{
	if (!walks_inline(emitter, element))
		return "";
	return text_format(emitter, ", false%s", unseen_text(emitter, element));
}

static void emit_next(struct emitter *emitter, const struct field *field)
{
	const char *name = field->accessor;
	const struct packet *element = field->element;
	bool chain = field->list == LIST_CHAIN;
	const char *arguments = arguments_text(
		emitter, CONTEXT_VIEW, field,
		chain ? text_format(emitter, "(%s)iterator->kind",
	                            element->parameters[0].width == 8    ? "uint8_t"
	                            : element->parameters[0].width == 16 ? "uint16_t"
	                                                                 : "uint32_t")
		      : NULL);

	emit_line(emitter, field->place);
	emit(emitter,
	     "%s %s_next(struct %s_iterator *iterator, struct %s *element)\n{\n"
	     "\tconst struct %s *view = iterator->view;\n\n"
	     "\tif (iterator->index >= view->%s%s_count)\n\t\treturn false;\n"
	     "\t/* It was parsed with the packet, so that it cannot fail now. */\n",
	     element->has_names ? "bool" : "packet_inline bool", name, name, element->c_name,
	     field->block->packet->c_name, field->path, field->c_name);
	if (element->has_names)
		emit(emitter,
		     "\tconst size_t before = (size_t)(view->bytes.bytes - "
		     "view->message.bytes);\n\n"
		     "\tif (%s_again(slice_of(view->message.bytes, before + %s), before + "
		     "iterator->at, element%s) != 0)\n",
		     element->c_name, end_text(emitter, CONTEXT_VIEW, field), arguments);
	else
		emit(emitter,
		     "\tif (%s(slice_of(view->bytes.bytes + iterator->at, %s - "
		     "iterator->at), "
		     "element%s%s) != 0)\n",
		     again_text(emitter, element), end_text(emitter, CONTEXT_VIEW, field),
		     arguments, unchecked_text(emitter, element));
	emit(emitter, "\t\treturn false;\n\titerator->at += element->bytes.length;\n"
	              "\titerator->index++;\n");
	if (chain)
		emit(emitter, "\titerator->kind = (uint32_t)%s(element);\n",
		     find_field(element->block, field->size->field->name)->accessor);
	emit(emitter, "\treturn true;\n}\n\n");
}

static void emit_part_accessor(struct emitter *emitter, const struct field *field)
{
	const char *start = position_text(emitter, CONTEXT_VIEW, field->start);
	const char *arguments = arguments_text(emitter, CONTEXT_VIEW, field, NULL);

	if (!field->element->has_names)
		emit_origin(emitter, field, "");
	emit_line(emitter, field->place);
	emit(emitter, "%s %s(const struct %s *view, struct %s *part)\n{\n",
	     field->element->has_names ? "void" : "packet_inline void", field->accessor,
	     field->block->packet->c_name, field->element->c_name);
	if (field->element->has_names)
		emit(emitter,
		     "\tconst size_t before = (size_t)(view->bytes.bytes - "
		     "view->message.bytes);\n\n"
		     "\terror_ignore(%s_again(slice_of(view->message.bytes, before + %s), "
		     "before + "
		     "%s, part%s), \"parsed before\");\n}\n\n",
		     field->element->c_name, end_text(emitter, CONTEXT_VIEW, field), start,
		     arguments);
	else
		emit(emitter,
		     "\terror_ignore(%s(slice_of(%s, %s), part%s%s), \"parsed "
		     "before\");\n}\n\n",
		     again_text(emitter, field->element),
		     plus_text(emitter, "view->bytes.bytes", start),
		     less_text(emitter, end_text(emitter, CONTEXT_VIEW, field), start), arguments,
		     unchecked_text(emitter, field->element));
}

static void emit_lists_of(struct emitter *emitter, const struct block *block, bool named)
{
	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		if (field->element == NULL || field->element->has_names != named)
			continue;
		if (field->type.kind == TYPE_LIST)
			emit_next(emitter, field);
		else if (field->type.kind == TYPE_PACKET)
			emit_part_accessor(emitter, field);
	}
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		emit_lists_of(emitter, block->classify->arms[i].block, named);
}

void emit_lists(struct emitter *emitter, const struct packet *packet)
{
	emit_lists_of(emitter, packet->block, true);
}

void emit_lists_inline(struct emitter *emitter, const struct packet *packet)
{
	emit_lists_of(emitter, packet->block, false);
}
