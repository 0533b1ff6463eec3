/*
 * Ethernet by hand: answers ARP and ping for one address. A frame that came is turned into its
 * answer where it lies, and sent back.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <mirage/log.h>
#include <mirage/monotonic_clock.h>
#include <mirage/net.h>

#include "answer.h"
#include "mirage/key_gen.h"
#include "rate.h"

enum {
	BATCH = 64,
};

/* Move the frames that became answers to the front and release the others. How many there are. */
static size_t answer_batch(struct frame *frames[], size_t count, const struct station *station,
                           struct answer_counts *counts)
{
	size_t answers = 0;

	for (size_t i = 0; i < count; i++)
		if (answer_make(frames[i], station, counts))
			frames[answers++] = frames[i];
		else
			frame_release(frames[i]);
	return answers;
}

static int serve(const struct net *net, const struct station *station, struct answer_counts *counts,
                 uint64_t count)
{
	struct frame *frames[BATCH];

	while (count == 0 || counts->arp + counts->echo < count) {
		ssize_t taken = net_receive_until(net, frames, BATCH, NEVER);

		if (taken < 0)
			return (int)taken;
		size_t answers = answer_batch(frames, (size_t)taken, station, counts);
		size_t sent = 0;

		if (answers > 0) {
			ssize_t result = net_send_until(net, frames, answers, NEVER);

			sent = result > 0 ? (size_t)result : 0;
		}
		frame_release_all(&frames[sent], answers - sent);
	}
	return 0;
}

static int answer(const struct net *net, uint64_t count)
{
	struct answer_counts counts = { .arp = 0 };
	struct net_info info;
	struct net_statistics statistics;
	char text[ADDRESS_TEXT_SIZE];

	if (key_ipv4().is_ipv6) {
		log_error("--ipv4 is an IPv6 prefix; this program speaks IPv4 only");
		return -EINVAL;
	}
	net_info(net, &info);
	const struct station station = { .mac = info.mac, .address = key_ipv4().address.ipv4 };

	log_info("answering for %s", ipv4_address_print(station.address, text));
	int result = serve(net, &station, &counts, count);

	net_statistics(net, &statistics);
	log_info("answered %" PRIu64 " ARP requests and %" PRIu64 " pings; %" PRIu64
	         " bad, %" PRIu64 " ignored; %" PRIu64 " frames in, %" PRIu64 " out",
	         counts.arp, counts.echo, counts.bad, counts.ignored, statistics.received_frames,
	         statistics.sent_frames);
	return result;
}

int frames_start(const struct net *net, const struct monotonic_clock *clock)
{
	uint64_t count = (uint64_t)key_count();
	uint64_t many = count > 0 ? count : UINT64_MAX;

	if (strcmp(key_mode(), "flood") == 0)
		return rate_flood(net, clock, many, (size_t)key_size());
	if (strcmp(key_mode(), "sink") == 0)
		return rate_sink(net, clock, many);
	return answer(net, count);
}
