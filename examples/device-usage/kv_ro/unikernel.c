#include <mirage/kv_ro.h>
#include <mirage/log.h>

#include <string.h>

int kv_ro_start(const struct kv_ro *store)
{
	static const char expected[] = "open sesame\n";
	struct kv_value value;
	int error = kv_ro_get(store, "secret", &value);

	if (error != 0)
		return error;
	bool same = value.length == strlen(expected) &&
	            memcmp(value.bytes, expected, value.length) == 0;

	if (same)
		log_info("Contents of extremely secret vital storage confirmed!");
	else
		log_warning("The secret is %zu bytes of something else.", value.length);
	kv_value_release(&value);
	return same ? 0 : 1;
}
