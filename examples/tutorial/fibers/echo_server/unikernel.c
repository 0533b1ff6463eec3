#include <mirage/channel.h>
#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/random.h>
#include <mirage/time.h>

#include <string.h>

/*
 * A reader makes up a line at random moments, as a network might; the echo fiber logs each line
 * that arrives. After ten lines the reader closes the channel and the echo ends.
 */

enum {
	LINES = 10,
	LINE_SIZE = 32,
	QUEUE = 4
};

struct line {
	char text[LINE_SIZE];
};

struct server {
	const struct time *time;
	const struct random *random;
	struct channel lines;
};

static int read_line(const struct server *server, struct line *line)
{
	uint32_t milliseconds, length;
	int error = random_below(server->random, 250, &milliseconds);

	if (error == 0)
		error = random_below(server->random, LINE_SIZE - 1, &length);
	if (error == 0)
		error = time_sleep_ns(server->time, duration_of_ms(milliseconds));
	if (error != 0)
		return error;
	memset(line->text, 'a', length);
	line->text[length] = '\0';
	return 0;
}

static int reader(void *argument)
{
	struct server *server = argument;

	for (int i = 0; i < LINES; i++) {
		struct line line;
		int error = read_line(server, &line);

		if (error == 0)
			error = channel_send(&server->lines, &line, NEVER);
		if (error != 0)
			return error;
	}
	channel_close(&server->lines);
	return 0;
}

static int echo(void *argument)
{
	struct server *server = argument;
	struct line line;

	while (channel_receive(&server->lines, &line, NEVER) == 0)
		log_info("echo: %s", line.text);
	return 0;
}

int echo_server_start(const struct time *time, const struct random *random)
{
	struct line storage[QUEUE];
	struct server server = { .time = time, .random = random };
	struct scope scope;
	int error = channel_init(&server.lines, storage, sizeof(storage[0]), QUEUE);

	if (error != 0)
		return error;
	scope_open(&scope);
	error = fiber_start(&scope, "reader", reader, &server);
	if (error == 0)
		error = fiber_start(&scope, "echo", echo, &server);
	if (error == 0)
		error = scope_wait_all(&scope, NEVER);
	scope_close(&scope);
	return error;
}
