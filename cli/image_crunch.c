// SPDX-License-Identifier: ISC
/* Crunched files as a format of images: read out of a linked unikernel. */
#include "cli/crunch.h"
#include "cli/image_store.h"
#include "engine/crunch_note.h"
#include "storage/kv/sha256.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct crunch_image {
	struct crunch_note note;
	struct crunch crunch;
	void *bytes;
	size_t length;
};

static bool elf_recognise(const uint8_t *bytes, size_t length)
{
	return length >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static int crunch_open(struct image_store *store, bool write, const char **problem)
{
	struct crunch_image *image = calloc(1, sizeof(*image));
	struct stat status;

	(void)write;
	if (image == NULL)
		return -ENOMEM;
	store->state = image;
	if (fstat(store->file.descriptor, &status) != 0)
		return -errno;
	image->length = (size_t)status.st_size;
	image->bytes = mmap(NULL, image->length, PROT_READ, MAP_PRIVATE, store->file.descriptor, 0);
	if (image->bytes == MAP_FAILED) {
		image->bytes = NULL;
		return -errno;
	}
	int error = crunch_note_read(&image->note, image->bytes, image->length);

	if (error == -EBADMSG)
		*problem = image->note.problem;
	if (error == -ENODATA)
		*problem = "an ELF file, but not a linked image with files of crunch() in it";
	image->crunch = (struct crunch){ .index = &image->note.index };
	store->reader = (struct kv_ro){ .ops = &crunch_ops, .self = &image->crunch };
	return error;
}

/* What the linker did with the bytes is none of the index's business: compare. */
static int crunch_check(struct image_store *store, finding_report *report, void *context)
{
	const struct crunch_image *image = store->state;
	const struct crunch_index *index = &image->note.index;

	for (size_t i = 0; i < index->count; i++) {
		const struct crunch_file *file = &index->files[i];
		struct sha256 sha;
		uint8_t digest[KV_DIGEST_SIZE];

		sha256_init(&sha);
		sha256_update(&sha, file->bytes, (size_t)file->length);
		sha256_final(&sha, digest);
		if (memcmp(digest, file->digest, sizeof(digest)) != 0)
			report(context, &(struct finding){
						.kind = "digest",
						.path = file->path,
						.text = "its bytes are not those that were "
							"crunched: their SHA-256 differs",
					});
	}
	return 0;
}

static void crunch_close(struct image_store *store)
{
	struct crunch_image *image = store->state;

	if (image == NULL)
		return;
	crunch_note_free(&image->note);
	if (image->bytes != NULL)
		munmap(image->bytes, image->length);
	free(image);
}

const struct image_format crunch_image_format = {
	.name = "crunch",
	.title = "a linked image",
	.recognise = elf_recognise,
	.make_sources = crunch_sources,
	.open = crunch_open,
	.close = crunch_close,
	.check = crunch_check,
};
