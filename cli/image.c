// SPDX-License-Identifier: ISC
/* mirage image: file systems and archives in files, without mounting them; encrypted disks. */
#include "cli/command.h"
#include "cli/image_check.h"
#include "cli/image_cipher.h"
#include "cli/image_store.h"
#include "cli/image_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char encryption[] = "ENCRYPTION OPTIONS";

static const struct argument options[] = {
	{ .names = "format,f",
	  .type = ARGUMENT_ENUM,
	  .choices = (const char *const[]){ "fat", "tar", "littlefs", "crunch", NULL },
	  .placeholder = "FORMAT",
	  .doc = "Format of the image that is made: fat (the default), tar, littlefs, or crunch: "
	         "sources, IMAGE in C and one in assembler beside it, for any linker." },
	{ .names = "size",
	  .type = ARGUMENT_SIZE,
	  .placeholder = "SIZE",
	  .doc = "Make the image so large. The default is what the files need." },
	{ .names = "times",
	  .type = ARGUMENT_FLAG,
	  .doc = "Keep the files' times of modification. Without it the same files always give the "
	         "same image." },
	{ .names = "without-label",
	  .type = ARGUMENT_FLAG,
	  .doc = "FAT12 and FAT16: leave out the record with the label, as before DOS 4 and as "
	         "fat_of_files() does." },
	{ .names = "json", .type = ARGUMENT_FLAG, .doc = "check: print the findings as JSON." },
	{ .names = "cipher",
	  .type = ARGUMENT_ENUM,
	  .choices = (const char *const[]){ "xts", "ccm", NULL },
	  .placeholder = "CIPHER",
	  .section = encryption,
	  .doc = "xts (the default), as block_encryption() has it; or ccm, as block_ccm() and "
	         "MirageOS's ccm_block have it, which authenticates and takes twice the space." },
	{ .names = "key-file,k",
	  .type = ARGUMENT_STRING,
	  .placeholder = "FILE",
	  .section = encryption,
	  .doc = "The key, as hexadecimal digits in the first line of a file, or of standard input "
	         "if this is `-`: 128 for xts; 32, 48 or 64 for ccm." },
	{ .names = "sector-size",
	  .type = ARGUMENT_INT,
	  .minimum = 512,
	  .maximum = 65536,
	  .placeholder = "BYTES",
	  .section = encryption,
	  .doc = "Sectors of the disk, of which each is encrypted for itself; 512 if it is not "
	         "given." },
	{ .names = "nonce-length",
	  .type = ARGUMENT_INT,
	  .minimum = 7,
	  .maximum = 13,
	  .placeholder = "BYTES",
	  .section = encryption,
	  .doc = "ccm: as block_ccm()'s .nonce_length; 8 if it is not given." },
	{ .names = "tag-length",
	  .type = ARGUMENT_INT,
	  .minimum = 8,
	  .maximum = 16,
	  .placeholder = "BYTES",
	  .section = encryption,
	  .doc = "ccm: as block_ccm()'s .tag_length; 16 if it is not given." },
	{ .names = NULL },
};

static nanoseconds store_now(const void *self)
{
	const struct image_store *store = self;

	return store->now;
}

static int store_utc_offset(const void *self, nanoseconds when, int32_t *offset_s)
{
	(void)self;
	(void)when;
	(void)offset_s;
	return -ENOTSUP;
}

static const struct wall_clock_ops store_clock_ops = { .now = store_now,
	                                               .utc_offset = store_utc_offset };

static int explain(int error, const char *path, const char *key, const char *problem)
{
	return diagnostic_failure(NULL, "%s: %s%s%s", path, key, key[0] != '\0' ? ": " : "",
	                          problem != NULL     ? problem
	                          : error == -EBADMSG ? "the image is damaged"
	                                              : strerror(-error));
}

/* ------------------------------------------------------------------ make */

/* Put one file of the host into the store. */
static int store_file(struct image_store *store, const struct folder_file *file, bool times)
{
	int descriptor = open(file->name, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *bytes = NULL;

	if (descriptor < 0 || fstat(descriptor, &status) != 0) {
		int error = errno;

		if (descriptor >= 0)
			close(descriptor);
		return explain(-error, file->name, "", NULL);
	}
	size_t length = (size_t)status.st_size;

	if (length > 0)
		bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, descriptor, 0);
	close(descriptor);
	if (bytes == MAP_FAILED)
		return explain(-errno, file->name, "", NULL);
	store->now = times ? file->modified : 0;
	int error = kv_rw_set(&store->writer, file->path, bytes, length);

	if (bytes != NULL)
		munmap(bytes, length);
	if (error == -ENOSPC)
		return error;
	return error != 0 ? explain(error, file->name, "",
	                            error == -EINVAL ? "the format cannot have such a name" : NULL)
	                  : 0;
}

static int fill_store(struct image_store *store, const struct folder *folder, bool times)
{
	const char *problem = NULL;
	int error = store->format->open(store, true, &problem);

	for (size_t i = 0; i < folder->count && error == 0; i++)
		error = store_file(store, &folder->files[i], times);
	return error;
}

/* Make an image of `size` bytes. -ENOSPC: they do not do, which is not reported. */
static int try_make(const struct image_format *format, const struct folder *folder,
                    const char *path, uint64_t size, bool exact,
                    const struct invocation *invocation)
{
	struct image_store store = {
		.format = format,
		.without_label = invocation_flag(invocation, "without-label"),
	};

	store.clock = (struct wall_clock){ .ops = &store_clock_ops, .self = &store };
	int error = image_file_make(&store.file, path, size);

	if (error != 0)
		return error;
	error = format->make(&store);
	if (error == -EINVAL || error == -ERANGE)
		error = -ENOSPC;
	if (error == 0)
		error = fill_store(&store, folder, invocation_flag(invocation, "times"));
	uint64_t used = error == 0 && !exact && format->used != NULL ? format->used(&store) : 0;

	if (used != 0 && ftruncate(store.file.descriptor, (off_t)used) != 0)
		error = explain(-errno, path, "", NULL);
	format->close(&store);
	int closed = image_file_close(&store.file, path);

	if (error == 0)
		error = closed;
	if (error != 0 && error != -ENOSPC && error != -EINVAL)
		error = explain(error, path, "", NULL);
	return error;
}

static int make_image(const struct invocation *invocation, const char *source, const char *path)
{
	const char *name = invocation_text(invocation, "format");
	const struct image_format *format = image_format_find(name != NULL ? name : "fat");
	const char *given = invocation_text(invocation, "size");
	struct argument_value size = { .present = false };
	struct arguments_error problem;
	struct folder folder;
	int error = folder_read(&folder, source);

	if (given != NULL && argument_parse(&options[1], given, &size, &problem) != 0)
		error = diagnostic_failure(NULL, "--size: %s", problem.text);
	if (format->make_sources != NULL) {
		if (error == 0 && size.present)
			error = diagnostic_failure("leave it out", "--size is not for %s",
			                           format->name);
		if (error == 0)
			error = format->make_sources(&folder, path,
			                             invocation_flag(invocation, "times"));
		folder_free(&folder);
		return error;
	}
	uint64_t bytes = size.present ? size.size / 512 * 512 : format->size(&folder);

	if (error == 0)
		error = try_make(format, &folder, path, bytes, size.present, invocation);
	/* Small folders are counted exactly; for others more is tried. */
	while (error == -ENOSPC && !size.present) {
		bytes += bytes / 8 / 512 * 512 + 65536;
		error = try_make(format, &folder, path, bytes, false, invocation);
	}
	if (error == -ENOSPC)
		error = diagnostic_failure("give a larger --size, or none",
		                           "%s: the files do not fit into %" PRIu64 " bytes", path,
		                           bytes);
	if (error != 0 && folder.path != NULL)
		error_ignore(unlink(path), "the error is reported");
	folder_free(&folder);
	return error;
}

/* ------------------------------------------------------------------ reading */

struct listing {
	const struct image_store *store;
	const char *path; /* of the image */
};

static int print_value(void *context, const char *key, int error)
{
	const struct listing *listing = context;
	uint64_t size = 0;

	if (error == 0)
		error = kv_ro_size(&listing->store->reader, key, &size);
	if (error != 0)
		return explain(error, listing->path, key, NULL);
	printf("%12" PRIu64 "  %s\n", size, key);
	return 0;
}

static int list_image(const struct image_store *store, const char *path, const char *key)
{
	return image_walk(&store->reader, key != NULL ? key : "", print_value,
	                  &(struct listing){ .store = store, .path = path });
}

static int read_value(const struct image_store *store, const char *path, const char *key)
{
	struct kv_value value;
	int error = kv_ro_get(&store->reader, key, &value);

	if (error != 0)
		return explain(error, path, key, NULL);
	if (fwrite(value.bytes, 1, value.length, stdout) != value.length || fflush(stdout) != 0)
		error = explain(-errno, "standard output", "", NULL);
	kv_value_release(&value);
	return error;
}

/* List, or read from, an image whose format is known. */
static int open_image(struct image_store *store, const char *action, const char *path,
                      const char *key)
{
	const char *problem = NULL;
	int error = store->format->open(store, false, &problem);

	if (error != 0)
		error = explain(error, path, "", problem);
	else if (problem != NULL)
		diagnostic_warning((struct place){ .file = path }, "left out: %s", problem);
	if (error == 0)
		error = strcmp(action, "list") == 0
		                ? list_image(store, path, key)
		                : read_value(store, path, key != NULL ? key : "");
	store->format->close(store);
	return error;
}

static int with_image(const struct invocation *invocation, const char *action, const char *path)
{
	struct image_store store = { .format = NULL };
	const char *key = invocation->operand_count > 2 ? invocation->operands[2] : NULL;
	int error = image_file_open(&store.file, path, false);

	if (error != 0)
		return error;
	store.clock = (struct wall_clock){ .ops = &store_clock_ops, .self = &store };
	store.format = image_format_of(&store.file);
	if (store.format == NULL)
		error = explain(0, path, "", "no image of a format that I know");
	else if (strcmp(action, "check") == 0)
		error = image_check(&store, path, invocation_flag(invocation, "json"));
	else
		error = open_image(&store, action, path, key);
	int closed = image_file_close(&store.file, path);

	return error != 0 ? error : closed;
}

struct action {
	const char *name;
	size_t least; /* operands, with the action's name */
	size_t most;
	const char *usage;
	int (*run)(const struct invocation *invocation, const char *from, const char *to);
};

static const struct action actions[] = {
	{ "make", 3, 3, "make FOLDER IMAGE", make_image },
	{ "encrypt", 3, 3, "encrypt DISK RESULT", image_encrypt },
	{ "decrypt", 3, 3, "decrypt DISK RESULT", image_decrypt },
	{ "list", 2, 3, "list IMAGE [FOLDER]", NULL },
	{ "read", 3, 3, "read IMAGE FILE", NULL },
	{ "check", 2, 2, "check IMAGE", NULL },
};

static int run_image(struct invocation *invocation)
{
	const char *name = invocation->operand_count > 0 ? invocation->operands[0] : "";
	const struct action *action = NULL;
	char hint[96];

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(name, actions[i].name) == 0)
			action = &actions[i];
	if (action == NULL) {
		static const char words[] = "the first word is make, list, read, check, encrypt or "
					    "decrypt; `mirage help image` says more";

		if (name[0] == '\0')
			(void)diagnostic_failure(words, "image: what to do is missing");
		else
			(void)diagnostic_failure(
				words, "image: '%s' is nothing to do with an image", name);
		return EXIT_USAGE;
	}
	if (invocation->operand_count < action->least || invocation->operand_count > action->most) {
		snprintf(hint, sizeof(hint), "write `mirage image %s`", action->usage);
		(void)diagnostic_failure(hint, "image %s: too %s operands", name,
		                         invocation->operand_count < action->least ? "few"
		                                                                   : "many");
		return EXIT_USAGE;
	}
	const char *first = invocation->operands[1];
	int error = action->run != NULL ? action->run(invocation, first, invocation->operands[2])
	                                : with_image(invocation, name, first);

	return error == 0 ? EXIT_OK : EXIT_ERROR;
}

const struct command image_command = {
	.name = "image",
	.summary = "make, list, read or check an image of files; encrypt or decrypt a disk",
	.operands = "ACTION IMAGE…",
	.operands_max = 3,
	.description =
		"Works on file systems and archives in files, as fat_rw(), littlefs() and "
		"tar_kv_rw() "
		"read them, and on what crunch() has put into a linked unikernel, without "
		"mounting anything. What format a file is in is found out.\n"
		"\n"
		"\tmake FOLDER IMAGE   put all files of a folder into a new image\n"
		"\tlist IMAGE [FOLDER] the files in it, with their sizes\n"
		"\tread IMAGE FILE     print one of them\n"
		"\tcheck IMAGE         look for damage, then read all of it\n"
		"\n"
		"What check finds it prints, one thing a line: of FAT lost, cross-linked and "
		"circular chains of clusters, chains that do not fit their file's size, "
		"entries and names that cannot be, copies that are none, and a wrong count "
		"of free clusters; of littlefs blocks that two things have, lists of blocks "
		"that contradict themselves, and directories out of place; of archives where "
		"they are cut off and all that is left out; of crunched files those whose "
		"bytes are not what was crunched. It ends with 1 if the image is damaged. "
		"Nothing is ever changed.\n"
		"\n"
		"And with the key of --key-file, whatever the disk has in it:\n"
		"\n"
		"\tencrypt DISK RESULT make a disk for block_encryption() or block_ccm()\n"
		"\tdecrypt DISK RESULT make a plain one of it",
	.options = options,
	.run = run_image,
};
