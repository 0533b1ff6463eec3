#include <mirage/log.h>
#include <mirage/time.h>

#include "mirage/key_gen.h"

int hello_start(const struct time *time)
{
	for (int i = 0; i < 4; i++) {
		log_info("%s", key_hello());

		int error = time_sleep_ns(time, duration_of_sec(1));
		if (error != 0)
			return error;
	}
	return 0;
}
