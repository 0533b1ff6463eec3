/* SPDX-License-Identifier: ISC */
/*
 * direct_kv: what every store does, and that nothing outside the folder can be reached.
 */
#include "test/unit/kv_main.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mirage/direct_kv.h>

struct store {
	struct kv_rw kv; /* first: the tests' state */
	struct direct_kv_rw direct;
	struct direct_kv_rw_state state;
	char outside[64]; /* holds the folder, and what must stay out of reach */
	char path[80];
};

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void make_link(const struct store *store, const char *target, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", store->path, name);
	assert_int_equal(symlink(target, path), 0);
}

static int open_store(void **state)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return -1;
	strcpy(store->outside, "/tmp/test_direct_kv.XXXXXX");
	assert_non_null(mkdtemp(store->outside));
	snprintf(store->path, sizeof(store->path), "%s/folder", store->outside);
	write_file(store->outside, "private", "not for us");
	store->direct = (struct direct_kv_rw){ .state = &store->state, .path = store->path };
	store->kv = (struct kv_rw){ .ops = &direct_kv_rw_ops, .self = &store->direct };
	*state = store;
	return direct_kv_rw_connect(&store->direct);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static int close_store(void **state)
{
	struct store *store = *state;

	direct_kv_rw_disconnect(&store->direct);
	nftw(store->outside, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(store);
	return 0;
}

static void expect_private_untouched(const struct store *store)
{
	char path[128], text[32] = "";

	snprintf(path, sizeof(path), "%s/private", store->outside);
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "not for us");
}

static void links_that_lead_out_lead_nowhere(void **state)
{
	struct store *store = *state;
	const struct kv_rw *kv = &store->kv;
	struct kv_ro reader = kv_rw_reader(kv);
	char absolute[128], byte;
	enum kv_kind kind = KV_VALUE;

	snprintf(absolute, sizeof(absolute), "%s/private", store->outside);
	make_link(store, "../private", "relative");
	make_link(store, absolute, "absolute");
	make_link(store, "..", "up");
	make_link(store, "/", "root");
	assert_int_equal(kv_get_error(kv, "relative"), -EINVAL);
	assert_int_equal(kv_get_error(kv, "absolute"), -EINVAL);
	assert_int_equal(kv_get_error(kv, "up/private"), -EINVAL);
	assert_int_equal(kv_get_error(kv, "root/etc/hostname"), -EINVAL);
	assert_int_equal(kv_ro_get_part(&reader, "relative", 0, &byte, 1), -EINVAL);
	assert_int_equal(kv_ro_exists(&reader, "up", &kind), -EINVAL);
	assert_int_equal(kv_list_error(kv, "up"), -EINVAL);
	assert_int_equal(kv_rw_set(kv, "up/new", "x", 1), -EINVAL);
	assert_int_equal(kv_rw_set(kv, "up/new/newer", "x", 1), -EINVAL);
	assert_int_equal(kv_rw_set_part(kv, "relative", 0, "x", 1), -EINVAL);
	assert_int_equal(kv_rw_allocate(kv, "up/new", 1), -EINVAL);
	kv_put(kv, "mine", "1");
	assert_int_equal(kv_rw_rename(kv, "mine", "up/stolen"), -EINVAL);
	assert_int_equal(kv_rw_remove(kv, "up/private"), -EINVAL);
	kv_expect_entries(kv, "", "mine");
	/* Setting over a link replaces the link. */
	kv_put(kv, "relative", "inside");
	kv_expect(kv, "relative", "inside");
	expect_private_untouched(store);
}

static void links_inside_are_followed_but_not_by_remove(void **state)
{
	struct store *store = *state;
	const struct kv_rw *kv = &store->kv;

	kv_put(kv, "real/value", "here");
	make_link(store, "real", "alias");
	make_link(store, "real/value", "direct");
	kv_expect(kv, "alias/value", "here");
	kv_expect(kv, "direct", "here");
	kv_expect_entries(kv, "", "alias/ direct real/");
	assert_int_equal(kv_rw_remove(kv, "alias"), 0);
	kv_expect(kv, "real/value", "here");
	kv_put(kv, "tree/x", "");
	make_link(store, "../real", "tree/link");
	assert_int_equal(kv_rw_remove(kv, "tree"), 0);
	kv_expect(kv, "real/value", "here");
	make_link(store, "loop", "loop");
	assert_int_equal(kv_get_error(kv, "loop"), -ELOOP);
}

static void what_is_no_file_and_no_folder_is_not_there(void **state)
{
	struct store *store = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/pipe", store->path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(kv_kind_at(&store->kv, "pipe"), KV_NONE);
	assert_int_equal(kv_get_error(&store->kv, "pipe"), -ENOENT);
	kv_expect_entries(&store->kv, "", "");
}

static void a_new_value_that_was_not_finished_is_hidden(void **state)
{
	struct store *store = *state;

	write_file(store->path, ".mirage-new-1", "half");
	kv_expect_entries(&store->kv, "", "");
	assert_int_equal(kv_kind_at(&store->kv, ".mirage-new-1"), KV_NONE);
	assert_int_equal(kv_get_error(&store->kv, ".mirage-new-1"), -ENOENT);
	assert_int_equal(kv_rw_set(&store->kv, ".mirage-new-1", "x", 1), -EINVAL);
}

static void the_read_only_store_sees_the_same(void **state)
{
	struct store *store = *state;
	struct direct_kv_ro_state ro_state;
	struct direct_kv_ro direct = { .state = &ro_state, .path = store->path };
	struct kv_ro reader = { .ops = &direct_kv_ro_ops, .self = &direct };
	struct kv_value value;
	struct stat status;
	nanoseconds wall = 0;
	char path[128];

	kv_put(&store->kv, "d/v", "text");
	assert_int_equal(direct_kv_ro_connect(&direct), 0);
	assert_int_equal(kv_ro_get(&reader, "d/v", &value), 0);
	assert_int_equal(value.length, 4);
	kv_value_release(&value);
	snprintf(path, sizeof(path), "%s/d/v", store->path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(kv_ro_last_modified(&reader, "d/v", &wall), 0);
	assert_int_equal(wall / 1000000000u, status.st_mtim.tv_sec);
	assert_int_equal(kv_ro_last_modified(&reader, "d", &wall), 0);
	assert_int_equal(wall / 1000000000u, status.st_mtim.tv_sec);
	direct_kv_ro_disconnect(&direct);
}

static void a_folder_that_is_missing_is_an_error(void **state)
{
	struct direct_kv_ro_state ro_state;
	struct direct_kv_ro direct = { .state = &ro_state, .path = "/nonexistent/folder" };

	(void)state;
	assert_int_equal(direct_kv_ro_connect(&direct), -ENOENT);
}

static void a_new_value_has_the_permissions_of_the_old_one(void **state)
{
	const struct store *store = *state;
	struct stat status;
	char path[256];

	kv_put(&store->kv, "secret", "old");
	snprintf(path, sizeof(path), "%s/secret", store->path);
	for (mode_t mode = 0600; mode <= 0666; mode += 066) {
		assert_int_equal(chmod(path, mode), 0);
		kv_put(&store->kv, "secret", "new");
		assert_int_equal(stat(path, &status), 0);
		assert_int_equal(status.st_mode & 0777, mode);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KV_TESTS(open_store, close_store),
		cmocka_unit_test_setup_teardown(links_that_lead_out_lead_nowhere, open_store,
		                                close_store),
		cmocka_unit_test_setup_teardown(links_inside_are_followed_but_not_by_remove,
		                                open_store, close_store),
		cmocka_unit_test_setup_teardown(what_is_no_file_and_no_folder_is_not_there,
		                                open_store, close_store),
		cmocka_unit_test_setup_teardown(a_new_value_that_was_not_finished_is_hidden,
		                                open_store, close_store),
		cmocka_unit_test_setup_teardown(a_new_value_has_the_permissions_of_the_old_one,
		                                open_store, close_store),
		cmocka_unit_test_setup_teardown(the_read_only_store_sees_the_same, open_store,
		                                close_store),
		cmocka_unit_test(a_folder_that_is_missing_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
