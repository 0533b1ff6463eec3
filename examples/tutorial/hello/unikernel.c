#include <mirage/log.h>
#include <mirage/time.h>

int hello_start(const struct time *time)
{
	for (int i = 0; i < 4; i++) {
		log_info("hello");

		int error = time_sleep_ns(time, duration_of_sec(1));
		if (error != 0)
			return error;
	}
	return 0;
}
