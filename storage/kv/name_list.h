/* SPDX-License-Identifier: ISC */
/*
 * The entries of a dictionary, taken down while a store is locked and visited when it is not, so
 * that the visitor may read from the store.
 */
#ifndef STORAGE_KV_NAME_LIST_H
#define STORAGE_KV_NAME_LIST_H

#include <stddef.h>

#include <mirage/attributes.h>
#include <mirage/kv_ro.h>

/* All zero is an empty one. */
struct name_list {
	char *text; /* a byte for the kind, the name, a zero; again */
	size_t length;
	size_t room;
};

/* -ENOMEM. Names too long for any key are left out. */
must_check int name_list_add(struct name_list *list, const char *name, enum kv_kind kind);

/* Visit all, as kv_ro_list() says. */
must_check int name_list_visit(const struct name_list *list, kv_visit *visit, void *context);

void name_list_free(struct name_list *list);

#endif
