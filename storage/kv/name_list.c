// SPDX-License-Identifier: ISC
/* Names of a dictionary, in one piece of memory. */
#include "storage/kv/name_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int name_list_add(struct name_list *list, const char *name, enum kv_kind kind)
{
	size_t size = strlen(name) + 1;

	if (size > KV_KEY_SIZE)
		return 0;
	if (list->room - list->length < size + 1) {
		size_t room = list->room * 2 + size + 256;
		char *text = realloc(list->text, room);

		if (text == NULL)
			return -ENOMEM;
		list->text = text;
		list->room = room;
	}
	list->text[list->length] = (char)kind;
	memcpy(list->text + list->length + 1, name, size);
	list->length += size + 1;
	return 0;
}

int name_list_visit(const struct name_list *list, kv_visit *visit, void *context)
{
	int error = 0;

	for (size_t at = 0; at < list->length && error == 0;) {
		const char *name = list->text + at + 1;

		error = visit(context, name, (enum kv_kind)list->text[at]);
		at += strlen(name) + 2;
	}
	return error;
}

void name_list_free(struct name_list *list)
{
	free(list->text);
	*list = (struct name_list){ .length = 0 };
}
