#include <mirage/console.h>
#include <mirage/time.h>

int console_start(const struct console *console, const struct time *time)
{
	for (int i = 0; i < 5; i++) {
		console_log(console, "hello");

		int error = time_sleep_ns(time, duration_of_sec(1));
		if (error != 0)
			return error;
		console_log(console, "world");
	}
	return 0;
}
