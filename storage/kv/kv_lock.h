/* SPDX-License-Identifier: ISC */
/* Several calls of a store as one. */
#ifndef STORAGE_KV_KV_LOCK_H
#define STORAGE_KV_KV_LOCK_H

#include <mirage/kv_ro.h>

/* 0 or -ECANCELED. A store whose calls do not block needs no lock. */
static inline must_check int kv_lock(const struct kv_ro_ops *ops, const void *self)
{
	return ops->lock != NULL ? ops->lock(self) : 0;
}

static inline void kv_unlock(const struct kv_ro_ops *ops, const void *self)
{
	if (ops->unlock != NULL)
		ops->unlock(self);
}

#endif
