#include <mirage/kv_rw.h>
#include <mirage/log.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number in the store; 0 if there is none yet. */
static int get_count(const struct kv_rw *store, uint64_t *count)
{
	struct kv_ro reader = kv_rw_reader(store);
	struct kv_value value;
	char *end;

	*count = 0;
	int error = kv_ro_get(&reader, "boots", &value);
	if (error == -ENOENT)
		return 0;
	if (error != 0)
		return error;

	*count = strtoull((const char *)value.bytes, &end, 10);
	if (value.length == 0 || *end != '\n')
		error = -EBADMSG;
	kv_value_release(&value);
	return error;
}

int counter_start(const struct kv_rw *store)
{
	uint64_t count;
	char text[32];

	int error = get_count(store, &count);
	if (error != 0) {
		log_error("boots: %s", strerror(-error));
		return error;
	}
	snprintf(text, sizeof(text), "%" PRIu64 "\n", count + 1);

	/* When this has returned 0, the power may fail. */
	error = kv_rw_set(store, "boots", text, strlen(text));
	if (error != 0) {
		log_error("boots cannot be set: %s", strerror(-error));
		return error;
	}
	log_info("This is boot number %" PRIu64 ".", count + 1);
	return 0;
}
