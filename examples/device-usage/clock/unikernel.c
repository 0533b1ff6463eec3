#include <mirage/log.h>
#include <mirage/monotonic_clock.h>
#include <mirage/time.h>
#include <mirage/wall_clock.h>

#include <inttypes.h>

static void log_wall(const struct wall_clock *wall)
{
	nanoseconds now = wall_clock_now(wall);
	int32_t offset_s;

	log_info("%" PRIu64 " s since 1970-01-01 UTC", now / duration_of_sec(1));
	if (wall_clock_utc_offset(wall, now, &offset_s) == 0)
		log_info("local time is %" PRId32 " min from UTC", offset_s / 60);
	else
		log_info("no time zone is known");
}

int clock_start(const struct time *time, const struct wall_clock *wall,
                const struct monotonic_clock *monotonic)
{
	nanoseconds start = monotonic_clock_now(monotonic);

	log_wall(wall);
	for (int i = 0; i < 3; i++) {
		int error = time_sleep_ns(time, duration_of_sec(1));
		if (error != 0)
			return error;

		nanoseconds elapsed = monotonic_clock_now(monotonic) - start;
		log_info("%" PRIu64 " s elapsed", elapsed / duration_of_sec(1));
	}
	return 0;
}
