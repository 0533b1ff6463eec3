#include <mirage/channel.h>
#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/time.h>

/* Who tossed what, over a channel: the same as heads1, with the talking left to one fiber. */

struct toss {
	const struct time *time;
	struct channel *results;
	nanoseconds flight;
	const char *side;
};

static int toss(void *argument)
{
	const struct toss *toss = argument;
	int error = time_sleep_ns(toss->time, toss->flight);

	return error != 0 ? error : channel_send(toss->results, &toss->side, NEVER);
}

static int report(struct channel *results)
{
	for (int i = 0; i < 2; i++) {
		const char *side;
		int error = channel_receive(results, &side, NEVER);

		if (error != 0)
			return error;
		log_info("%s", side);
	}
	log_info("Finished");
	return 0;
}

int heads2_start(const struct time *time)
{
	const char *storage[1];
	struct channel results;
	struct toss heads = { time, &results, duration_of_sec(1), "Heads" };
	struct toss tails = { time, &results, duration_of_sec(2), "Tails" };
	struct scope scope;

	int error = channel_init(&results, storage, sizeof(storage[0]), 1);
	if (error != 0)
		return error;
	scope_open(&scope);
	error = fiber_start(&scope, "heads", toss, &heads);
	if (error == 0)
		error = fiber_start(&scope, "tails", toss, &tails);
	if (error == 0)
		error = report(&results);
	scope_close(&scope);
	return error;
}
