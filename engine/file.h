/* SPDX-License-Identifier: ISC */
/*
 * Reading files that the build wrote.
 */
#ifndef ENGINE_FILE_H
#define ENGINE_FILE_H

/* The whole text of a file, NUL-terminated, to be freed; NULL with errno set. */
char *file_read(const char *path);

/*
 * The value of `NAME := value` in mirage/build.mk, to be freed: "RESULT", "START", "SOURCES". NULL
 * if there is none, or no such file.
 */
char *build_variable(const char *name);

#endif
