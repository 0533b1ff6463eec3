// SPDX-License-Identifier: ISC
/* Files that mplc writes. */
#include "mplc/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool failed(const char *path, int error)
{
	fprintf(stderr, "mplc: error: cannot write '%s': %s\n", path, strerror(error));
	return false;
}

/* Under another name first: nobody sees half a file. */
static bool write_whole(struct emitter *emitter, const char *path, const char *text, size_t length)
{
	const char *new = text_format(emitter, "%s.%ld.new", path, (long)getpid());
	FILE *file = fopen(new, "w");

	if (file == NULL)
		return failed(path, errno);
	bool written = fwrite(text, 1, length, file) == length;
	int error = errno;
	if (fclose(file) != 0) {
		error = errno;
		written = false;
	}
	if (written && rename(new, path) != 0) {
		error = errno;
		written = false;
	}
	if (written)
		return true;
	unlink(new);
	return failed(path, error);
}

bool output_file(struct emitter *emitter, const char *folder, const char *ending,
                 void (*write)(struct emitter *emitter))
{
	const char *path = text_format(emitter, "%s/%s%s", folder, emitter->module->name, ending);
	char *text = NULL;
	size_t length = 0;

	emitter->out = open_memstream(&text, &length);
	if (emitter->out == NULL)
		return failed(path, errno);
	write(emitter);
	if (fclose(emitter->out) != 0 || text == NULL)
		return failed(path, ENOMEM);
	bool written = write_whole(emitter, path, text, length);
	free(text);
	return written;
}

bool output_dependencies(struct emitter *emitter, const char *folder, const char *path)
{
	const char *name = emitter->module->name;
	const char *text = text_format(emitter, "%s/%s.c %s/%s.h:", folder, name, folder, name);

	for (size_t i = 0; i < emitter->compiler->module_count; i++)
		text = text_format(emitter, "%s %s", text,
		                   emitter->compiler->modules[i]->source.path);
	text = text_format(emitter, "%s\n", text);
	/* A file that is gone is no reason for make to stop. */
	for (size_t i = 0; i < emitter->compiler->module_count; i++)
		text = text_format(emitter, "%s\n%s:\n", text,
		                   emitter->compiler->modules[i]->source.path);
	return write_whole(emitter, path, text, strlen(text));
}
