/* SPDX-License-Identifier: ISC */
/*
 * Installing packages with apt-get.
 */
#ifndef CLI_APT_H
#define CLI_APT_H

#include <stdbool.h>

#include <mirage/attributes.h>

#include "cli/packages.h"

/*
 * Install what is wanted and not installed, in the locked version where there is one; through sudo
 * when not root. `extra_repository` is a line of sources.list(5), or NULL. `dry_run` only prints.
 *
 * -EINVAL  reported
 */
must_check int apt_install_missing(const struct package_list *list, const char *extra_repository,
                                   bool dry_run);

#endif
