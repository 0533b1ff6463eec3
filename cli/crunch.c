// SPDX-License-Identifier: ISC
/* mirage crunch: a folder as C and assembler sources, for crunch(). */
#include "cli/command.h"
#include "cli/crunch.h"
#include "cli/folder.h"
#include "engine/generate.h"
#include "storage/kv/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <mirage/kv_key.h>

static const struct argument options[] = {
	{ .names = "name",
	  .type = ARGUMENT_STRING,
	  .placeholder = "NAME",
	  .doc = "Name of the index in C. The default is OUTPUT's, without its folder and "
	         "suffix." },
	{ .names = "times",
	  .type = ARGUMENT_FLAG,
	  .doc = "Record when the files were last modified. Without it the same files always give "
	         "the same image." },
	{ .names = NULL },
};

/* The text of a string in C and in assembler: both know three octal digits. */
static void print_string(FILE *file, const char *text)
{
	fputc('"', file);
	for (const char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f || *c == '"' ||
		    *c == '\\' || *c == '?')
			fprintf(file, "\\%03o", (unsigned)(unsigned char)*c);
		else
			fputc(*c, file);
	}
	fputc('"', file);
}

/* What may stand in a comment. */
static void print_comment_text(FILE *file, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		bool ends = (*c == '*' && c[1] == '/') || (*c == '/' && c[1] == '*') || *c == '\\';

		fputc((unsigned char)*c < 0x20 || *c == 0x7f || ends ? '?' : *c, file);
	}
}

static void print_title(FILE *file, const struct folder *folder)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < folder->count; i++)
		bytes += folder->files[i].length;
	fputs("/*\n * Made by `mirage crunch` from the folder ", file);
	print_comment_text(file, folder->path);
	fprintf(file,
	        ": do not edit.\n * %zu file%s, %" PRIu64 " bytes, in the order of their paths.",
	        folder->count, folder->count == 1 ? "" : "s", bytes);
}

/* ------------------------------------------------------------------ the index, in C */

static int digest_file(const struct folder_file *file, uint8_t digest[32])
{
	struct sha256 sha;
	uint64_t length = 0;
	static uint8_t chunk[1 << 16];
	int descriptor = open(file->name, O_RDONLY | O_CLOEXEC);
	ssize_t count = -1;

	sha256_init(&sha);
	while (descriptor >= 0 && (count = read(descriptor, chunk, sizeof(chunk))) > 0) {
		sha256_update(&sha, chunk, (size_t)count);
		length += (uint64_t)count;
	}
	int error = errno;

	if (descriptor >= 0)
		close(descriptor);
	sha256_final(&sha, digest);
	if (count < 0)
		return diagnostic_error((struct place){ .file = file->name }, NULL,
		                        "cannot be read: %s", strerror(error));
	if (length != file->length)
		return diagnostic_error((struct place){ .file = file->name },
		                        "build again when nobody writes to it",
		                        "changed while it was read");
	return 0;
}

static int print_entry(FILE *file, const struct folder_file *entry, const char *name, size_t number,
                       bool times)
{
	uint8_t digest[32];
	int error = digest_file(entry, digest);

	if (error != 0)
		return error;
	fputs("\t{\n\t\t.path = ", file);
	print_string(file, entry->path);
	fprintf(file, ",\n\t\t.bytes = %s_%zu,\n\t\t.length = %" PRIu64 ",\n", name, number,
	        entry->length);
	if (times)
		fprintf(file, "\t\t.modified = UINT64_C(%" PRIu64 "),\n", entry->modified);
	fputs("\t\t.digest = {", file);
	for (size_t i = 0; i < sizeof(digest); i++)
		fprintf(file, "%s0x%02x,", i % 8 == 0 ? "\n\t\t\t" : " ", digest[i]);
	fputs("\n\t\t},\n\t},\n", file);
	return 0;
}

static int print_index(FILE *file, const struct folder *folder, const char *name, bool times)
{
	int error = 0;

	print_title(file, folder);
	fprintf(file, " Their bytes are in\n * an assembler file beside this one.\n */\n"
	              "#include <mirage/crunch.h>\n\n");
	for (size_t i = 0; i < folder->count; i++)
		fprintf(file, "extern const uint8_t %s_%zu[];\n", name, i);
	if (folder->count > 0) {
		fputs("\nstatic const struct crunch_file files[] = {\n", file);
		for (size_t i = 0; i < folder->count && error == 0; i++)
			error = print_entry(file, &folder->files[i], name, i, times);
		fputs("};\n", file);
	}
	fprintf(file,
	        "\nextern const struct crunch_index %s;\n"
	        "const struct crunch_index %s = { .files = %s, .count = %zu };\n",
	        name, name, folder->count > 0 ? "files" : "NULL", folder->count);
	return error;
}

/* ------------------------------------------------------------------ the bytes, in assembler */

static void print_file(FILE *file, const struct folder_file *entry, const char *name, size_t number)
{
	fprintf(file,
	        "\n\t.section .rodata.%s_%zu, \"a\"\n\t.balign 16\n"
	        "\t.globl %s_%zu\n\t.hidden %s_%zu\n%s_%zu:\n",
	        name, number, name, number, name, number, name, number);
	if (entry->length > 0) {
		fputs("\t.incbin ", file);
		print_string(file, entry->name);
		fprintf(file, ", 0, %" PRIu64 "\n", entry->length);
	}
	fputs("\t.byte 0\n", file);
}

/* For engine/crunch_note.h: where each file is in the linked image, and what it is. Not loaded. */
static int print_note(FILE *file, const struct folder *folder, const char *name, bool times)
{
	fprintf(file,
	        "\n\t.section .note.mirage.crunch, \"\", %%note\n\t.balign 8\n"
	        "\t.long 7, 2f - 1f, 1\n\t.asciz \"Mirage\"\n\t.balign 8\n1:\n"
	        "\t.asciz \"%s\"\n\t.balign 8\n",
	        name);
	for (size_t i = 0; i < folder->count; i++) {
		const struct folder_file *entry = &folder->files[i];
		uint8_t digest[32];
		int error = digest_file(entry, digest);

		if (error != 0)
			return error;
		fprintf(file, "\t.quad %s_%zu, %" PRIu64 ", %" PRIu64 "\n\t.byte ", name, i,
		        entry->length, times ? entry->modified : 0);
		for (size_t j = 0; j < sizeof(digest); j++)
			fprintf(file, "%s0x%02x", j > 0 ? "," : "", digest[j]);
		fputs("\n\t.asciz ", file);
		print_string(file, entry->path);
		fputs("\n\t.balign 8\n", file);
	}
	fputs("2:\n", file);
	return 0;
}

static int print_bytes(FILE *file, const struct folder *folder, const char *name, bool times)
{
	print_title(file, folder);
	fputs("\n */\n", file);
	for (size_t i = 0; i < folder->count; i++)
		print_file(file, &folder->files[i], name, i);
	int error = print_note(file, folder, name, times);

	fputs("\n\t.section .note.GNU-stack, \"\", %progbits\n", file);
	return error;
}

/* ------------------------------------------------------------------ the command */

static const char *suffix_of(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL && strchr(dot, '/') == NULL ? dot : "";
}

static int find_name(const char *given, const char *output, char name[], size_t size)
{
	const char *slash = strrchr(output, '/');
	const char *base = slash != NULL ? slash + 1 : output;

	if (given != NULL)
		snprintf(name, size, "%s", given);
	else
		snprintf(name, size, "%.*s", (int)(strlen(base) - strlen(suffix_of(output))), base);
	if (is_c_identifier(name))
		return 0;
	return diagnostic_failure("give it with --name", "'%s' cannot be a name in C", name);
}

/*
 * Write the file. It gets the time at which reading began, so that what changed meanwhile counts as
 * newer.
 */
static int write_output(const struct folder *folder, const char *output, const char *name,
                        bool times)
{
	struct timespec start[2];
	bool c = strcmp(suffix_of(output), ".c") == 0;

	clock_gettime(CLOCK_REALTIME_COARSE, &start[0]);
	start[1] = start[0];
	FILE *file = fopen(output, "w");
	int error = file == NULL ? -errno
	            : c          ? print_index(file, folder, name, times)
	                         : print_bytes(file, folder, name, times);

	/* An earlier write may have failed: what is left of it is tried again, and says why. */
	if (file != NULL && error == 0 && fflush(file) != 0)
		error = -errno;
	if (file != NULL && error == 0 && ferror(file) != 0)
		error = -EIO;
	if (file != NULL) {
		error_ignore(futimens(fileno(file), start), "then it is newer than need be");
		if (fclose(file) != 0 && error == 0)
			error = -errno;
	}
	if (error != 0 && error != -EINVAL)
		error = diagnostic_failure(error == -ENOSPC ? "is the disk full?" : NULL,
		                           "%s cannot be written: %s", output, strerror(-error));
	if (error != 0 && file != NULL)
		error_ignore(unlink(output), "the error is reported");
	return error;
}

int crunch_sources(const struct folder *folder, const char *output, bool times)
{
	char name[256];
	char *bytes = strdup(output);

	if (bytes == NULL)
		return diagnostic_failure(NULL, "out of memory");
	if (strcmp(suffix_of(output), ".c") != 0) {
		free(bytes);
		return diagnostic_failure("end it in .c: the assembler source is put beside it",
		                          "crunch cannot write '%s'", output);
	}
	bytes[strlen(bytes) - 1] = 'S';
	int error = find_name(NULL, output, name, sizeof(name));

	if (error == 0)
		error = write_output(folder, output, name, times);
	if (error == 0)
		error = write_output(folder, bytes, name, times);
	free(bytes);
	return error;
}

static int run_crunch(struct invocation *invocation)
{
	struct folder folder;
	char name[256];

	if (invocation->operand_count != 2) {
		(void)diagnostic_failure("write it as `mirage crunch FOLDER OUTPUT`",
		                         "crunch needs a folder and a file to write");
		return EXIT_USAGE;
	}
	const char *output = invocation->operands[1];

	if (strcmp(suffix_of(output), ".c") != 0 && strcmp(suffix_of(output), ".S") != 0) {
		(void)diagnostic_failure("end it in .c for the index, or in .S for the bytes",
		                         "crunch cannot write '%s'", output);
		return EXIT_USAGE;
	}
	if (find_name(invocation_text(invocation, "name"), output, name, sizeof(name)) != 0)
		return EXIT_USAGE;
	int error = folder_read(&folder, invocation->operands[0]);

	if (error == 0)
		error = write_output(&folder, output, name, invocation_flag(invocation, "times"));
	folder_free(&folder);
	return error == 0 ? EXIT_OK : EXIT_ERROR;
}

const struct command crunch_command = {
	.name = "crunch",
	.summary = "make a folder into sources of an image",
	.operands = "FOLDER OUTPUT",
	.operands_max = 2,
	.description =
		"What crunch() in config.c runs at each build. For an OUTPUT that ends in .c it "
		"writes an index of all files in FOLDER, sorted by their paths, with lengths and "
		"SHA-256 digests; for one in .S the assembler source that takes in their bytes. "
		"The two belong together: give them the same --name.\n"
		"\n"
		"Symbolic links are followed. A name may have any bytes that a file's may. What "
		"is no file and no folder is an error.",
	.options = options,
	.run = run_crunch,
};
