#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/time.h>

static int heads(void *argument)
{
	const struct time *time = argument;
	int error = time_sleep_ns(time, duration_of_sec(1));

	if (error == 0)
		log_info("Heads");
	return error;
}

static int tails(void *argument)
{
	const struct time *time = argument;
	int error = time_sleep_ns(time, duration_of_sec(2));

	if (error == 0)
		log_info("Tails");
	return error;
}

int heads1_start(const struct time *time)
{
	struct scope scope;

	scope_open(&scope);
	int error = fiber_start(&scope, "heads", heads, (void *)time);
	if (error == 0)
		error = fiber_start(&scope, "tails", tails, (void *)time);
	if (error == 0)
		error = scope_wait_all(&scope, NEVER);
	scope_close(&scope);
	if (error == 0)
		log_info("Finished");
	return error;
}
