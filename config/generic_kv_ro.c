// SPDX-License-Identifier: ISC
/* A store by key. A file of its own: the key is there if a config.c uses the constructor. */
#include <mirage/config.h>

KEY_ENUM(kv_ro, .names = "kv_ro", .value = "crunch", .stage = KEY_STAGE_CONFIGURE,
         .choices = CHOICES("fat", "archive", "crunch", "direct"),
         .doc = "Use a fat, archive, crunch or direct pass-through implementation for the "
                "unikernel.")

kv_ro_impl *generic_kv_ro_at(struct location here, const char *folder)
{
	kv_ro_impl *crunched = crunch_at(here, folder);
	kv_ro_impl *fat = kv_ro_of_fs(fat_of_files_at(here, folder));
	kv_ro_impl *archive = archive_of_files_at(here, folder);
	kv_ro_impl *direct = direct_kv_ro_at(here, folder);

	return (kv_ro_impl *)match_impl_new(here, &key_kv_ro, (struct impl *)crunched,
	                                    (const struct impl_case[]){ CASE("fat", fat),
	                                                                CASE("archive", archive),
	                                                                CASE("crunch", crunched),
	                                                                CASE("direct", direct),
	                                                                { NULL, NULL } });
}
