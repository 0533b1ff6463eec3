#include <mirage/console.h>
#include <mirage/kv_ro.h>

#include <string.h>

int kv_ro_start(const struct console *console, const struct kv_ro *disk1, const struct kv_ro *disk2)
{
	struct kv_value one, two;
	int error = kv_ro_get(disk1, "foo", &one);

	if (error != 0)
		return error;
	error = kv_ro_get(disk2, "bar", &two);
	if (error == 0) {
		bool same =
			one.length == two.length && memcmp(one.bytes, two.bytes, one.length) == 0;

		console_log(console, same ? "YES" : "NO");
		kv_value_release(&two);
	}
	kv_value_release(&one);
	return error;
}
