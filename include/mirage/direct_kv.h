/* SPDX-License-Identifier: ISC */
/*
 * direct_kv_ro, direct_kv_rw: a folder of the host as a key/value store. Only for the unix target.
 *
 * Model.       A regular file is a value, a folder a dictionary; anything else is not there. Nothing
 *              outside the folder can be reached: the kernel resolves each key beneath it, so
 *              that neither ".." nor a symbolic link leads out. A link that stays inside is
 *              followed, but never by what removes or renames, and kv_rw_set() replaces it.
 * Durability.  A value is written beside its place, synchronised, and put there by a rename, so
 *              that it is the old one or the new one. Not so kv_rw_set_part(), which writes in
 *              place. Names beginning with ".mirage-new" are the store's own, and hidden; one may
 *              remain of an instance that was killed. The new file has the old one's permissions.
 * Context.     Fiber. The host's disk stops the whole instance while it works.
 * Errors.      Those of kv_rw.h; -EACCES where the host refuses; -ENOSPC also for a spent quota;
 *              -ELOOP too many links.
 * See also.    config.h: direct_kv_ro(), direct_kv_rw()
 */
#ifndef MIRAGE_DIRECT_KV_H
#define MIRAGE_DIRECT_KV_H

#include <mirage/attributes.h>
#include <mirage/kv_ro.h>
#include <mirage/kv_rw.h>

struct direct_kv_ro_state {
	int folder; /* descriptor */
};

struct direct_kv_ro {
	void *state;      /* struct direct_kv_ro_state */
	const char *path; /* of the folder, from where the image is started */
};

/* The same two for writing. */
struct direct_kv_rw_state {
	int folder;
};

struct direct_kv_rw {
	void *state;
	const char *path;
};

extern const struct kv_ro_ops direct_kv_ro_ops;
extern const struct kv_rw_ops direct_kv_rw_ops;

/*
 * Open the folder; for writing it is made if it is missing.
 *
 * -ENOENT, -ENOTDIR, -EACCES  as the host says
 * -ENOSYS                     a Linux older than 5.6, which cannot resolve beneath a folder
 */
must_check int direct_kv_ro_connect(const struct direct_kv_ro *kv);
must_check int direct_kv_rw_connect(const struct direct_kv_rw *kv);

void direct_kv_ro_disconnect(const struct direct_kv_ro *kv);
void direct_kv_rw_disconnect(const struct direct_kv_rw *kv);

#endif
