/* SPDX-License-Identifier: ISC */
#include "tenders/elf/note.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Whether the note at the start of `segment` is the one; `header` is filled in if so. */
static int match(const struct executable *executable, const Elf64_Phdr *segment, uint32_t type,
                 struct solo5_note_header *header, bool *found, struct reason *reason)
{
	*found = false;
	if (segment->p_filesz < sizeof(Elf64_Nhdr))
		return reason_set(reason, -ENOEXEC, "%s: invalid executable: malformed note",
		                  executable->path);
	if (segment->p_filesz < sizeof(*header))
		return 0;

	int error = executable_read(executable, header, sizeof(*header), segment->p_offset, reason);
	if (error != 0)
		return error;
	*found = header->name_size == SOLO5_NOTE_NAME_SIZE &&
	         memcmp(header->name, SOLO5_NOTE_NAME, SOLO5_NOTE_NAME_SIZE) == 0 &&
	         header->type == type;
	return 0;
}

int note_find(const struct executable *executable, uint32_t type, void *description, size_t size,
              size_t *length, struct reason *reason)
{
	for (size_t i = 0; i < executable->segment_count; i++) {
		const Elf64_Phdr *segment = &executable->segments[i];
		struct solo5_note_header header;
		bool found;

		if (segment->p_type != PT_NOTE)
			continue;
		int error = match(executable, segment, type, &header, &found, reason);
		if (error != 0)
			return error;
		if (!found)
			continue;
		if (header.description_size > size ||
		    header.description_size > segment->p_filesz - sizeof(header) ||
		    segment->p_offset > UINT64_MAX - sizeof(header))
			return reason_set(reason, -ENOEXEC,
			                  "%s: invalid executable: a note is too large",
			                  executable->path);
		*length = header.description_size;
		return executable_read(executable, description, *length,
		                       segment->p_offset + sizeof(header), reason);
	}
	return -ENOENT;
}

int note_abi(const struct executable *executable, uint32_t *target, uint32_t *version,
             struct reason *reason)
{
	uint32_t description[4]; /* as in struct solo5_abi_note */
	size_t length = 0;

	int error = note_find(executable, SOLO5_NOTE_ABI, description, sizeof(description), &length,
	                      reason);
	if (error == -ENOENT)
		return reason_set(reason, -ENOEXEC,
		                  "%s: No Solo5 ABI information found in executable",
		                  executable->path);
	if (error != 0)
		return error;
	if (length != sizeof(description))
		return reason_set(reason, -ENOEXEC, "%s: Solo5 ABI information is invalid",
		                  executable->path);
	*target = description[0];
	*version = description[1];
	return 0;
}

int note_check_abi(const struct executable *executable, uint32_t target, uint32_t version,
                   const char *program, struct reason *reason)
{
	uint32_t image_target = 0;
	uint32_t image_version = 0;

	int error = note_abi(executable, &image_target, &image_version, reason);
	if (error != 0)
		return error;
	if (image_target != target) {
		const char *name = note_target_name(image_target);
		reason_set(reason, -ENOEXEC, "%s: Executable is not for the %s target",
		           executable->path, program);
		if (name != NULL)
			reason_add(reason, -ENOEXEC, "%s: It is for the %s target",
			           executable->path, name);
		return -ENOEXEC;
	}
	if (image_version != version)
		return reason_set(reason, -ENOEXEC,
		                  "%s: Executable requests unsupported ABI version %u",
		                  executable->path, image_version);
	return 0;
}

const char *note_target_name(uint32_t target)
{
	static const char *const names[] = {
		[SOLO5_TARGET_HVT] = "hvt",       [SOLO5_TARGET_SPT] = "spt",
		[SOLO5_TARGET_VIRTIO] = "virtio", [SOLO5_TARGET_MUEN] = "muen",
		[SOLO5_TARGET_GENODE] = "genode", [SOLO5_TARGET_XEN] = "xen",
	};

	return target < sizeof(names) / sizeof(names[0]) ? names[target] : NULL;
}
