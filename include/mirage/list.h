/* SPDX-License-Identifier: ISC */
/*
 * Intrusive doubly linked lists. The list head and the links are the same type; an element embeds
 * a link and is recovered with list_entry(). All operations are constant time.
 */
#ifndef MIRAGE_LIST_H
#define MIRAGE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next;
	struct list *previous;
};

#define list_entry(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

#define list_for_each(link, head) \
	for (struct list *link = (head)->next; link != (head); link = link->next)

/* As list_for_each(), and `link` may be removed in the body. */
#define list_for_each_safe(link, head)                                                    \
	for (struct list *link = (head)->next, *link##_next = link->next; link != (head); \
	     link = link##_next, link##_next = link->next)

static inline void list_init(struct list *head)
{
	head->next = head;
	head->previous = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_insert_before(struct list *position, struct list *link)
{
	link->next = position;
	link->previous = position->previous;
	position->previous->next = link;
	position->previous = link;
}

static inline void list_append(struct list *head, struct list *link)
{
	list_insert_before(head, link);
}

static inline void list_prepend(struct list *head, struct list *link)
{
	list_insert_before(head->next, link);
}

/* Remove a link from its list; it is then an empty list itself, so removing twice is harmless. */
static inline void list_remove(struct list *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
	list_init(link);
}

#endif
