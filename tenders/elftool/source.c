/* SPDX-License-Identifier: ISC */
#include "abi/solo5_note.h"
#include "tenders/elftool/elftool.h"

/* Everything that the compiler needs to know, so that no header has to be found. */
static const char declarations[] =
	"struct solo5_manifest_entry {\n"
	"	char name[68];\n"
	"	unsigned int type;\n"
	"	unsigned long long attachment[3]; /* the tender's */\n"
	"	unsigned char attached[8];        /* the tender's */\n"
	"};\n"
	"\n"
	"struct solo5_manifest_note {\n"
	"	unsigned int name_size;\n"
	"	unsigned int description_size;\n"
	"	unsigned int type;\n"
	"	char name[8];\n"
	"	unsigned int padding;\n"
	"	unsigned int version;\n"
	"	unsigned int entry_count;\n"
	"	struct solo5_manifest_entry entries[%u];\n"
	"};\n"
	"\n"
	"_Static_assert(sizeof(struct solo5_manifest_note) == %zu, \"layout of the note\");\n"
	"\n"
	"extern const struct solo5_manifest_note __solo5_mft1_note;\n"
	"\n"
	"const struct solo5_manifest_note __solo5_mft1_note\n"
	"	__attribute__((section(\"" SOLO5_SECTION_MANIFEST "\"), used, aligned(8))) = {\n"
	"		.name_size = %d,\n"
	"		.description_size = %zu,\n"
	"		.type = 0x%x,\n"
	"		.name = \"" SOLO5_NOTE_NAME "\",\n"
	"		.version = %u,\n"
	"		.entry_count = %u,\n"
	"		.entries = {\n"
	"			{ .type = 0x%x }, /* reserved */\n";

void elftool_write_source(FILE *output, const struct manifest *manifest)
{
	size_t size = manifest_size(manifest);
	size_t before = offsetof(struct solo5_manifest_note, manifest);
	size_t description = size + before - sizeof(struct solo5_note_header);

	fputs("/* Made by solo5-elftool: the devices of this image. Do not edit. */\n", output);
	fprintf(output, declarations, manifest->entry_count, before + size, SOLO5_NOTE_NAME_SIZE,
	        description, SOLO5_NOTE_MANIFEST, manifest->version, manifest->entry_count,
	        SOLO5_DEVICE_RESERVED_FIRST);
	for (size_t i = 1; i < manifest->entry_count; i++)
		fprintf(output, "			{ .name = \"%s\", .type = %u }, /* %s */\n",
		        manifest->entries[i].name, manifest->entries[i].type,
		        manifest_device_type(manifest->entries[i].type));
	fputs("		},\n"
	      "	};\n",
	      output);
}
