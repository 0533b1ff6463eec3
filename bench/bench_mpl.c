/* SPDX-License-Identifier: ISC */
/*
 * What mplc's code costs: packets parsed and built, against the same written by hand (bench/mpl/), and
 * against overlaid structs (as code around libpcap is written) and libnet.
 *
 * The sides take turns of some microseconds. A ratio is the middle one of those of all turns, so that
 * what disturbs one turn does not count; times are those of the best turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/mpl/message.h"

#define TURNS   1500
#define PACKETS 64
#define REPEATS 20
#define PAYLOAD 64
#define ROOM    512

struct room {
	uint8_t bytes[ROOM];
} __attribute__((aligned(64)));

static struct room rooms[PACKETS];
static struct message messages[PACKETS];
static const uint8_t domain[] = "example.org";

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Of one side: a name, and one of the two functions. */
struct side {
	const char *name;
	parse_function parse;
	build_function build;
};

struct contest {
	const char *what;
	const struct side *sides; /* each is compared with the last */
	size_t count;
	bool offloaded;
	size_t size; /* of the packet */
};

static double take_turn(const struct side *side, const struct contest *contest)
{
	struct message message = { .type = 0 };
	double start = now_ns();

	for (int repeat = 0; repeat < REPEATS; repeat++) {
		for (size_t i = 0; i < PACKETS; i++) {
			int result = side->parse != NULL
			                     ? side->parse(rooms[i].bytes, contest->size,
			                                   contest->offloaded, &message)
			                     : side->build(rooms[i].bytes, ROOM, contest->offloaded,
			                                   &messages[i]);

			if (result != (side->parse != NULL ? 0 : (int)contest->size))
				abort();
		}
	}
	return (now_ns() - start) / (REPEATS * PACKETS);
}

static int order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void hold(const struct contest *contest)
{
	enum {
		SIDES_MAX = 4
	};
	static double times[SIDES_MAX][TURNS], ratios[TURNS];
	const size_t last = contest->count - 1;

	for (size_t turn = 0; turn < TURNS; turn++)
		for (size_t i = 0; i < contest->count; i++)
			times[i][turn] = take_turn(&contest->sides[i], contest);
	for (size_t i = 0; i < last; i++) {
		double best = 1e9;

		for (size_t turn = 0; turn < TURNS; turn++) {
			ratios[turn] = times[i][turn] / times[last][turn];
			best = times[i][turn] < best ? times[i][turn] : best;
		}
		qsort(ratios, TURNS, sizeof(*ratios), order);
		printf("%-28s %-26s %6.1f ns  %5.2f of %s\n", i == 0 ? contest->what : "",
		       contest->sides[i].name, best, ratios[TURNS / 2], contest->sides[last].name);
	}
}

/* All sides must build the same bytes before they are compared, and the best of them are parsed. */
static void prepare(const struct side *sides, size_t count, struct contest *contest)
{
	struct room other;

	for (size_t i = 0; i < PACKETS; i++) {
		memset(&rooms[i], (int)i, sizeof(rooms[i]));
		int length = sides[0].build(rooms[i].bytes, ROOM, false, &messages[i]);

		if (length < 0)
			abort();
		contest->size = (size_t)length;
	}
	for (size_t i = 1; i < count; i++) {
		memset(&other, 3, sizeof(other));
		if (sides[i].build(other.bytes, ROOM, false, &messages[3]) != (int)contest->size ||
		    memcmp(other.bytes, rooms[3].bytes, contest->size) != 0) {
			printf("%s and %s build different bytes\n", sides[0].name, sides[i].name);
			exit(1);
		}
	}
}

static void compare(const struct side *parsers, size_t parser_count, const struct side *builders,
                    size_t builder_count, bool has_checksum)
{
	struct contest contest = { .size = 0 };

	prepare(builders, builder_count, &contest);
	for (int offloaded = 0; offloaded <= (has_checksum ? 1 : 0); offloaded++) {
		contest.offloaded = offloaded != 0;
		contest.sides = parsers;
		contest.count = parser_count;
		contest.what = offloaded ? "parse, checksum by a device" : "parse";
		hold(&contest);
	}
	for (int offloaded = 0; offloaded <= (has_checksum ? 1 : 0); offloaded++) {
		contest.offloaded = offloaded != 0;
		contest.sides = builders;
		contest.count = builder_count;
		contest.what = offloaded ? "build, checksum by a device" : "build";
		hold(&contest);
	}
}

#define SIDES(array) (array), sizeof(array) / sizeof((array)[0])

static void compare_tcp(bool has_timestamp)
{
	static const struct side parsers[] = {
		{ "mplc, in place", tcp_generated_parse, NULL },
		{ "by hand", tcp_hand_parse, NULL },
	};
	static const struct side called_parsers[] = {
		{ "mplc, called", tcp_called_parse, NULL },
		{ "a library by hand", tcp_library_parse, NULL },
	};
	static const struct side called_builders[] = {
		{ "mplc, called", NULL, tcp_called_build },
		{ "a library by hand", NULL, tcp_library_build },
	};
	static const struct side lists[] = {
		{ "mplc, options in structs", NULL, tcp_called_list },
		{ "a library by hand", NULL, tcp_library_list },
	};
	static const struct side overlay[] = {
		{ "mplc, in place", tcp_generated_parse, NULL },
		{ "overlaid structs that believe checksums and options", tcp_overlay_parse, NULL },
	};
	static const struct side builders[] = {
		{ "mplc, in place", NULL, tcp_generated_build },
		{ "by hand", NULL, tcp_hand_build },
	};
	struct side libnet[] = {
		{ "mplc, in place", NULL, tcp_generated_build },
		{ "libnet", NULL, NULL },
	};
	struct contest contest = { .size = 0 };

	for (size_t i = 0; i < PACKETS; i++)
		messages[i].has_timestamp = has_timestamp;
	printf("Ethernet, IPv4, TCP %s\n", has_timestamp ? "with a timestamp" : "without options");
	compare(SIDES(parsers), SIDES(builders), true);
	compare(SIDES(called_parsers), SIDES(called_builders), true);
	if (!has_timestamp)
		return;
	contest.what = "build";
	contest.sides = lists;
	contest.count = 2;
	prepare(SIDES(lists), &contest);
	hold(&contest);
	prepare(SIDES(builders), &contest);
	contest.what = "parse";
	contest.sides = overlay;
	contest.count = 2;
	hold(&contest);
	libnet[1].build = tcp_libnet_start();
	if (libnet[1].build == NULL)
		return;
	prepare(libnet, 2, &contest);
	contest.what = "build";
	contest.sides = libnet;
	hold(&contest);
}

static void compare_udp(void)
{
	static const struct side parsers[] = {
		{ "mplc, in place", udp_generated_parse, NULL },
		{ "by hand", udp_hand_parse, NULL },
	};
	static const struct side builders[] = {
		{ "mplc, in place", NULL, udp_generated_build },
		{ "by hand", NULL, udp_hand_build },
	};

	printf("Ethernet, IPv6, UDP\n");
	compare(SIDES(parsers), SIDES(builders), true);
}

static void compare_dhcp(void)
{
	static const struct side parsers[] = {
		{ "mplc, in place", dhcp_generated_parse, NULL },
		{ "by hand", dhcp_hand_parse, NULL },
	};
	static const struct side builders[] = {
		{ "mplc, in place", NULL, dhcp_generated_build },
		{ "by hand", NULL, dhcp_hand_build },
	};

	printf("DHCPv4 acknowledgement of eleven options\n");
	compare(SIDES(parsers), SIDES(builders), false);
}

int main(void)
{
	for (size_t i = 0; i < PACKETS; i++)
		messages[i] = (struct message){
			.to = { { 2, 0, 0, 0, 0, 1 } },
			.from = { { 2, 0, 0, 0, 0, 2 } },
			.source = { { 10, 0, 0, 1 } },
			.destination = { { 10, 0, 0, 2 } },
			.source6 = { { 0xfd, [15] = 1 } },
			.destination6 = { { 0xfd, [15] = 2 } },
			.source_port = (uint16_t)(40000 + i),
			.destination_port = 80,
			.window = 501,
			.sequence = (uint32_t)(i * 77777),
			.acknowledgement = 1,
			.timestamp = (uint32_t)i,
			.echo = 5,
			.length = PAYLOAD,
			.transaction = (uint32_t)(i * 99991),
			.lease = 86400,
			.renewal = 43200,
			.rebinding = 75600,
			.your = { { 10, 0, 0, (uint8_t)(10 + i) } },
			.server = { { 10, 0, 0, 1 } },
			.mask = { { 255, 255, 255, 0 } },
			.router = { { 10, 0, 0, 1 } },
			.broadcast = { { 10, 0, 0, 255 } },
			.name_servers = { { { 10, 0, 0, 1 } }, { { 10, 0, 0, 2 } } },
			.name_server_count = 2,
			.domain = domain,
			.domain_length = sizeof(domain) - 1,
		};
	compare_tcp(false);
	compare_tcp(true);
	compare_udp();
	compare_dhcp();
	return 0;
}
