/* SPDX-License-Identifier: ISC */
/*
 * Debian packages: what is wanted, what is installed, what is locked.
 */
#ifndef CLI_PACKAGES_H
#define CLI_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>

#include <mirage/attributes.h>

struct wanted_package {
	char name[128];
	char min[96]; /* "" : any */
	char max[96];
	bool build;
	bool recipe;        /* built from source for the image, not installed */
	char installed[96]; /* version, or "" */
	char locked[96];    /* version, or "" */
	char sha256[65];    /* of the .deb as the index has it, or of a recipe's source; or "" */
};

#define PACKAGES_MAX 256

struct package_list {
	struct wanted_package items[PACKAGES_MAX];
	size_t count;
};

/* Read mirage/NAME-TARGET.packages. -EINVAL: reported. */
must_check int packages_read(struct package_list *list, const char *path);

/* Ask dpkg for the versions installed, and recipes for theirs. -EINVAL: reported (no dpkg here). */
must_check int packages_find_installed(struct package_list *list);

/* Read the lockfile into `locked`; a missing one locks nothing. -EINVAL: reported. */
must_check int packages_read_lock(struct package_list *list, const char *path);

/* Write the lockfile from `installed`. -EINVAL: reported. */
must_check int packages_write_lock(const struct package_list *list, const char *path);

/* -EINVAL (reported) if an installed version is outside what the configuration allows. */
must_check int packages_check_bounds(const struct package_list *list);

/* Fetch the source archives of the project's recipes, or say how (`dry_run`). -EINVAL: reported. */
must_check int packages_fetch_sources(const struct package_list *list, bool dry_run);

/* Compare Debian versions with dpkg: is `a` OPERATOR `b` ("ge", "lt", …)? */
bool version_holds(const char *a, const char *operator, const char * b);

#endif
