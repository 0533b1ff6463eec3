#include <mirage/console.h>
#include <mirage/fiber.h>
#include <mirage/time.h>

#include <stdio.h>

/* Interlocking sleeps: two fibers whose lines come in turns. */

struct sleeper {
	const struct console *console;
	const struct time *time;
	const char *name;
	nanoseconds first;
};

static int run(void *argument)
{
	const struct sleeper *sleeper = argument;
	int error = time_sleep_ns(sleeper->time, sleeper->first);

	for (int i = 1; i <= 3 && error == 0; i++) {
		char line[32];

		snprintf(line, sizeof(line), "%s %d", sleeper->name, i);
		console_log(sleeper->console, line);
		error = time_sleep_ns(sleeper->time, duration_of_sec(1));
	}
	return error;
}

int sleep_start(const struct console *console, const struct time *time)
{
	struct sleeper even = { console, time, "even", 0 };
	struct sleeper odd = { console, time, "odd", duration_of_ms(500) };
	struct scope scope;

	scope_open(&scope);
	int error = fiber_start(&scope, "even", run, &even);
	if (error == 0)
		error = fiber_start(&scope, "odd", run, &odd);
	if (error == 0)
		error = scope_wait_all(&scope, NEVER);
	scope_close(&scope);
	if (error == 0)
		console_log(console, "success");
	return error;
}
