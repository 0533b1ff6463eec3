// SPDX-License-Identifier: ISC
#include "cli/image_cipher.h"
#include "cli/image_file.h"
#include "engine/diagnostic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mirage/block_ccm.h>
#include <mirage/block_driver.h>
#include <mirage/block_encryption.h>

enum {
	CHUNK_SIZE = 1 << 20,
	KEY_TEXT_MAX = 256,
};

/* What the options say. */
struct form {
	bool ccm;
	uint32_t sector_size, nonce_length, tag_length;
	char key_text[KEY_TEXT_MAX];
	struct argument_value key;
};

/* An encrypted disk in a file: one of the two devices. */
struct encrypted {
	struct block_encryption_state xts_state;
	struct block_encryption xts;
	struct block_ccm_state ccm_state;
	struct block_ccm ccm;
	struct block block;
};

static int fill(const void *self, void *bytes, size_t length)
{
	(void)self;
	for (size_t done = 0; done < length;) {
		ssize_t count = getrandom((uint8_t *)bytes + done, length - done, 0);

		if (count < 0 && errno != EINTR)
			return -EIO;
		done += count > 0 ? (size_t)count : 0;
	}
	return 0;
}

static const struct random_ops random_ops = { .fill = fill };
static const struct random numbers = { .ops = &random_ops };

/* The first word of a file, or of standard input. */
static int read_key(const char *path, struct form *form)
{
	if (path == NULL)
		return diagnostic_failure("`openssl rand -hex 64 >FILE` makes one (for ccm, 32)",
		                          "image: give the key with --key-file=FILE");
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	bool there = file != NULL && fgets(form->key_text, sizeof(form->key_text), file) != NULL;
	int error = file == NULL || ferror(file) ? errno : 0;

	if (file != NULL && file != stdin)
		fclose(file);
	if (!there)
		return diagnostic_failure("give a file with one line of hexadecimal digits",
		                          "%s: %s", path,
		                          error != 0 ? strerror(error) : "is empty");
	form->key_text[strcspn(form->key_text, " \t\r\n")] = '\0';
	form->key = (struct argument_value){ .present = true, .text = form->key_text };
	return 0;
}

static uint32_t number(const struct invocation *invocation, const char *name, uint32_t otherwise)
{
	const char *text = invocation_text(invocation, name);

	return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

static int read_form(const struct invocation *invocation, struct form *form)
{
	const char *cipher = invocation_text(invocation, "cipher");

	*form = (struct form){
		.ccm = cipher != NULL && strcmp(cipher, "ccm") == 0,
		.sector_size = number(invocation, "sector-size", BLOCK_SECTOR_SIZE_MIN),
		.nonce_length = number(invocation, "nonce-length", 0),
		.tag_length = number(invocation, "tag-length", 0),
	};
	if (!block_sector_size_valid(form->sector_size))
		return diagnostic_failure("give 512, 1024, 2048, … 65536, what the disk will have",
		                          "image: sectors of %" PRIu32 " bytes", form->sector_size);
	if (!form->ccm && (form->nonce_length != 0 || form->tag_length != 0))
		return diagnostic_failure("add --cipher=ccm",
		                          "image: xts has neither nonces nor tags");
	if (form->tag_length % 2 != 0)
		return diagnostic_failure("give 8, 10, 12, 14 or 16",
		                          "image: a tag of %" PRIu32 " bytes", form->tag_length);
	return read_key(invocation_text(invocation, "key-file"), form);
}

static int encrypted_open(struct encrypted *disk, const struct form *form, const struct block *file)
{
	int error;

	*disk = (struct encrypted){ .block = { .ops = NULL } };
	if (form->ccm) {
		disk->ccm = (struct block_ccm){ &disk->ccm_state,   file,
			                        &numbers,           &form->key,
			                        form->nonce_length, form->tag_length };
		disk->block = (struct block){ &block_ccm_ops, &disk->ccm };
		error = block_ccm_connect(&disk->ccm);
	} else {
		disk->xts = (struct block_encryption){ &disk->xts_state, file, &form->key };
		disk->block = (struct block){ &block_encryption_ops, &disk->xts };
		error = block_encryption_connect(&disk->xts);
	}
	if (error == -EINVAL && form->sector_size > 32768 && form->ccm)
		return diagnostic_failure("give a smaller --sector-size",
		                          "image: ccm has sectors of at most 32768 bytes");
	if (error == -EINVAL)
		return diagnostic_failure(
			form->ccm ? "it has 32, 48 or 64 hexadecimal digits: `openssl rand -hex 32`"
				  : "it has 128 hexadecimal digits, in two halves that are not "
				    "equal: `openssl rand -hex 64`",
			"image: the key is not one");
	return error == 0 ? 0 : diagnostic_failure(NULL, "image: %s", strerror(-error));
}

static void encrypted_close(struct encrypted *disk, const struct form *form)
{
	if (form->ccm)
		block_ccm_disconnect(&disk->ccm);
	else
		block_encryption_disconnect(&disk->xts);
}

/* Which sector of those that could not be read together it is. */
static int explain_read(const struct block *from, const char *path, uint64_t sector, uint64_t end,
                        uint8_t *chunk, int error)
{
	while (error == -EBADMSG && sector + 1 < end &&
	       block_read(from, sector, chunk, block_info(from)->sector_size, NEVER) == 0)
		sector++;
	if (error == -EBADMSG)
		return diagnostic_failure(
			"it was changed or damaged, or this is not its key, or another of its "
			"--sector-size, --nonce-length or --tag-length",
			"%s: sector %" PRIu64 " is not what was written with this key", path,
			sector);
	return diagnostic_failure(NULL, "%s: %s", path, strerror(-error));
}

static int copy(const struct block *from, const char *from_path, const struct block *to,
                const char *to_path)
{
	uint32_t size = block_info(from)->sector_size;
	uint64_t count = block_info(from)->sector_count, step = CHUNK_SIZE / size;
	uint8_t *chunk = malloc(CHUNK_SIZE);
	int error = chunk != NULL ? 0 : diagnostic_failure(NULL, "out of memory");

	for (uint64_t sector = 0; sector < count && error == 0; sector += step) {
		uint64_t end = count - sector < step ? count : sector + step;
		size_t length = (size_t)(end - sector) * size;

		error = block_read(from, sector, chunk, length, NEVER);
		if (error != 0) {
			error = explain_read(from, from_path, sector, end, chunk, error);
			break;
		}
		error = block_write(to, sector, chunk, length, NEVER);
		if (error != 0)
			error = diagnostic_failure(NULL, "%s: %s", to_path, strerror(-error));
	}
	free(chunk);
	return error;
}

/* The source, all of whose bytes are in sectors, and whose name is not the destination's. */
static int open_source(struct image_file *file, const char *from, const char *to, uint32_t unit,
                       uint32_t sector_size)
{
	struct stat source, destination;
	int error = image_file_open(file, from, false);

	if (error != 0)
		return error;
	uint64_t bytes = file->info.sector_count * file->info.sector_size;
	if (fstat(file->descriptor, &source) != 0)
		error = diagnostic_failure(NULL, "%s: %s", from, strerror(errno));
	else if (stat(to, &destination) == 0 && source.st_dev == destination.st_dev &&
	         source.st_ino == destination.st_ino)
		error = diagnostic_failure("give the result another name",
		                           "%s and %s are the same file", from, to);
	else if (bytes % unit != 0 ||
	         (S_ISREG(source.st_mode) && (uint64_t)source.st_size != bytes))
		error = diagnostic_failure("`truncate -s` lengthens a file with zeros",
		                           "%s: its size is no multiple of %" PRIu32 " bytes", from,
		                           unit);
	image_file_use_sectors(file, sector_size);
	if (error != 0)
		error_ignore(image_file_close(file, from), "it was only read");
	return error;
}

static int convert(const struct invocation *invocation, bool encrypting, const char *from,
                   const char *to)
{
	struct form form;
	struct image_file source, destination;
	struct encrypted disk;
	int error = read_form(invocation, &form);

	if (error != 0)
		return error;
	uint32_t below = form.ccm ? 2 : 1; /* sectors of an encrypted one */
	error = open_source(&source, from, to, form.sector_size * (encrypting ? 1 : below),
	                    form.sector_size);
	if (error != 0)
		return error;
	uint64_t bytes = source.info.sector_count * form.sector_size;
	error = image_file_make(&destination, to, encrypting ? bytes * below : bytes / below);
	if (error == 0) {
		image_file_use_sectors(&destination, form.sector_size);
		error = encrypted_open(&disk, &form,
		                       encrypting ? &destination.block : &source.block);
		if (error == 0 && encrypting)
			error = copy(&source.block, from, &disk.block, to);
		else if (error == 0)
			error = copy(&disk.block, from, &destination.block, to);
		encrypted_close(&disk, &form);
		int closed = image_file_close(&destination, to);
		error = error != 0 ? error : closed;
		if (error != 0)
			error_ignore(unlink(to), "the error is reported");
	}
	error_ignore(image_file_close(&source, from), "it was only read");
	explicit_bzero(&form, sizeof(form));
	return error;
}

int image_encrypt(const struct invocation *invocation, const char *from, const char *to)
{
	return convert(invocation, true, from, to);
}

int image_decrypt(const struct invocation *invocation, const char *from, const char *to)
{
	return convert(invocation, false, from, to);
}
