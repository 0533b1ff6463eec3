#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/random.h>
#include <mirage/time.h>

#include <errno.h>

/* Race a task against a sleep: whichever ends first wins, and the scope cancels the other. */

enum {
	TIMED_OUT = 1,
	RETURNED = 2
};

struct task {
	const struct time *time;
	nanoseconds duration;
};

static int work(void *argument)
{
	const struct task *task = argument;
	int error = time_sleep_ns(task->time, task->duration);

	return error != 0 ? error : RETURNED;
}

static int timer(void *argument)
{
	const struct task *task = argument;
	int error = time_sleep_ns(task->time, task->duration);

	return error != 0 ? error : TIMED_OUT;
}

static int timeout(const struct time *time, nanoseconds limit, struct task *task)
{
	struct task alarm = { time, limit };
	struct scope scope;

	scope_open(&scope);
	int result = fiber_start(&scope, "task", work, task);
	if (result == 0)
		result = fiber_start(&scope, "timer", timer, &alarm);
	if (result == 0)
		result = scope_wait_first(&scope, NEVER);
	scope_close(&scope);
	return result;
}

int timeout1_start(const struct time *time, const struct random *random)
{
	uint32_t milliseconds;
	int error = random_below(random, 3000, &milliseconds);

	if (error != 0)
		return error;

	struct task task = { time, duration_of_ms(milliseconds) };
	int result = timeout(time, duration_of_sec(2), &task);
	if (result < 0)
		return result;
	log_info(result == RETURNED ? "Returned 'Heads'" : "Cancelled");
	return 0;
}
