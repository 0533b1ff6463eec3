#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/random.h>
#include <mirage/runtime.h>
#include <mirage/time.h>

#include <errno.h>

/* The same race without writing it: every wait takes a deadline. */

struct task {
	const struct time *time;
	nanoseconds duration;
};

static int work(void *argument)
{
	const struct task *task = argument;

	return time_sleep_ns(task->time, task->duration);
}

int timeout2_start(const struct time *time, const struct random *random)
{
	struct scope scope;
	uint32_t milliseconds;
	int error = random_below(random, 3000, &milliseconds);

	if (error != 0)
		return error;

	struct task task = { time, duration_of_ms(milliseconds) };
	scope_open(&scope);
	error = fiber_start(&scope, "task", work, &task);
	if (error == 0)
		error = scope_wait_all(&scope, deadline_after(runtime_now(), duration_of_sec(2)));
	scope_close(&scope); /* cancels the task if it still runs */

	if (error == -ETIMEDOUT)
		log_info("Cancelled");
	else if (error == 0)
		log_info("Returned 'Heads'");
	return error == -ETIMEDOUT ? 0 : error;
}
