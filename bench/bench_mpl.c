/* SPDX-License-Identifier: ISC */
/*
 * What mplc's code costs: Ethernet, IPv4 and TCP with a timestamp option, parsed and built, against
 * the same written by hand, and against overlaid structs (as code around libpcap is written) and
 * libnet. Once with the TCP checksum, once with a device that does it.
 *
 * Every figure is the least of many short rounds, the sides by turns: what is slower was disturbed.
 */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if __has_include(<libnet.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#include <libnet.h>
#pragma GCC diagnostic pop
#define HAVE_LIBNET 1
#endif

#include <mirage/checksum.h>
#include <mirage/formats/ethernet.h>
#include <mirage/formats/ipv4.h>
#include <mirage/formats/tcp.h>

#define ROUNDS  400
#define PACKETS 64
#define REPEATS 40
#define PAYLOAD 64
#define FRAME   (14 + 20 + 20 + options_size + PAYLOAD)

struct frame_bytes {
	uint8_t bytes[256];
} __attribute__((aligned(64)));

/* What the reader of a packet wants to know of it. */
struct flow {
	struct ipv4_address source, destination;
	uint16_t source_port, destination_port, window;
	uint32_t sequence, acknowledgement, timestamp, echo;
	uint8_t flags;
	const uint8_t *data;
	size_t length;
};

static struct frame_bytes frames[PACKETS];
/* Of the TCP header: none, or a timestamp. */
static size_t options_size;

typedef int (*parse_function)(uint8_t *bytes, size_t length, bool offloaded, struct flow *flow);
typedef int (*build_function)(uint8_t *bytes, size_t room, bool offloaded, const struct flow *flow);

static void store16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void store32(uint8_t *at, uint32_t value)
{
	store16(at, (uint16_t)(value >> 16));
	store16(at + 2, (uint16_t)value);
}

static int generated_parse(uint8_t *bytes, size_t length, bool offloaded, struct flow *flow)
{
	struct tcp_option option;
	struct ethernet ethernet;
	struct ipv4 ipv4;
	struct tcp tcp;
	int error = ethernet_parse(slice_of(bytes, length), &ethernet);

	if (error != 0)
		return error;
	if (ethernet_type(&ethernet) != ETHERNET_TYPE_IPV4)
		return -ENOMSG;
	error = ipv4_parse(ethernet_data(&ethernet), &ipv4);
	if (error != 0)
		return error;
	if (ipv4_protocol(&ipv4) != IPV4_PROTOCOL_TCP)
		return -ENOMSG;
	flow->source = ipv4_source(&ipv4);
	flow->destination = ipv4_destination(&ipv4);
	error = tcp_parse(ipv4_data(&ipv4), &tcp,
	                  offloaded ? packet_pseudo_skip()
	                            : packet_pseudo_ipv4(flow->source, flow->destination, 6));
	if (error != 0)
		return error;
	flow->source_port = tcp_source_port(&tcp);
	flow->destination_port = tcp_destination_port(&tcp);
	flow->sequence = tcp_sequence(&tcp);
	flow->acknowledgement = tcp_acknowledgement(&tcp);
	flow->window = tcp_window(&tcp);
	flow->flags = (uint8_t)(tcp_ack(&tcp) << 4 | tcp_psh(&tcp) << 3 | tcp_rst(&tcp) << 2 |
	                        tcp_syn(&tcp) << 1 | tcp_fin(&tcp));
	struct tcp_options_iterator iterator = tcp_options(&tcp);
	while (tcp_options_next(&iterator, &option)) {
		if (option.tag != TCP_OPTION_TIMESTAMPS)
			continue;
		flow->timestamp = tcp_option_timestamps_value(&option);
		flow->echo = tcp_option_timestamps_echo(&option);
	}
	flow->data = tcp_data(&tcp).bytes;
	flow->length = tcp_data(&tcp).length;
	return 0;
}

static uint16_t load16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t load32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* As careful as the generated code: every option is checked before the packet is taken. */
static int hand_options(const uint8_t *option, size_t length, struct flow *flow)
{
	for (size_t at = 0; at < length;) {
		if (option[at] == 0)
			break;
		if (option[at] == 1) {
			at++;
			continue;
		}
		if (length - at < 2 || option[at + 1] < 2 || option[at + 1] > length - at)
			return -EBADMSG;
		size_t size = option[at + 1];
		switch (option[at]) {
		case 2:
			if (size != 4)
				return -EPROTO;
			break;
		case 3:
			if (size != 3)
				return -EPROTO;
			break;
		case 4:
			if (size != 2)
				return -EPROTO;
			break;
		case 5:
			if ((size - 2) % 8 != 0)
				return -EBADMSG;
			break;
		case 8:
			if (size != 10)
				return -EPROTO;
			flow->timestamp = load32(option + at + 2);
			flow->echo = load32(option + at + 6);
			break;
		default:
			break;
		}
		at += size;
	}
	return 0;
}

static uint32_t hand_pseudo(const uint8_t *ip, size_t length)
{
	return checksum_add_number(checksum_add_number(checksum_add(0, ip + 12, 8), 6),
	                           (uint16_t)length);
}

static int hand_parse(uint8_t *bytes, size_t length, bool offloaded, struct flow *flow)
{
	const uint8_t *ip = bytes + 14;

	if (length < 14)
		return -EMSGSIZE;
	if (load16(bytes + 12) != 0x0800)
		return -ENOMSG;
	length -= 14;
	if (length < 20)
		return -EMSGSIZE;
	size_t header = (size_t)(ip[0] & 15) * 4, total = load16(ip + 2);
	if (ip[0] >> 4 != 4)
		return -EPROTO;
	if (header < 20)
		return -ERANGE;
	if (total < header)
		return -EBADMSG;
	if (total > length)
		return -EMSGSIZE;
	if (checksum_finish(checksum_add(0, ip, header)) != 0)
		return -EILSEQ;
	if (ip[9] != 6)
		return -ENOMSG;
	const uint8_t *tcp = ip + header;
	length = total - header;
	if (length < 20)
		return -EMSGSIZE;
	size_t offset = (size_t)(tcp[12] >> 4) * 4;
	if (offset < 20)
		return -ERANGE;
	if (offset > length)
		return -EMSGSIZE;
	int error = hand_options(tcp + 20, offset - 20, flow);
	if (error != 0)
		return error;
	if (!offloaded && checksum_finish(checksum_add(hand_pseudo(ip, length), tcp, length)) != 0)
		return -EILSEQ;
	memcpy(&flow->source, ip + 12, 4);
	memcpy(&flow->destination, ip + 16, 4);
	flow->source_port = load16(tcp);
	flow->destination_port = load16(tcp + 2);
	flow->sequence = load32(tcp + 4);
	flow->acknowledgement = load32(tcp + 8);
	flow->flags = tcp[13] & 0x1f;
	flow->window = load16(tcp + 14);
	flow->data = tcp + offset;
	flow->length = length - offset;
	return 0;
}

/* As around libpcap: structs laid over the bytes, lengths checked, checksums and options believed. */
static int overlay_parse(uint8_t *bytes, size_t length, bool offloaded, struct flow *flow)
{
	struct iphdr ip;
	struct tcphdr tcp;

	(void)offloaded;
	if (length < 14 + sizeof(ip) + sizeof(tcp) || load16(bytes + 12) != 0x0800)
		return -EMSGSIZE;
	memcpy(&ip, bytes + 14, sizeof(ip));
	size_t header = (size_t)ip.ihl * 4, total = ntohs(ip.tot_len);
	if (ip.version != 4 || header < 20 || ip.protocol != 6 || total > length - 14 ||
	    total < header + sizeof(tcp))
		return -EPROTO;
	memcpy(&tcp, bytes + 14 + header, sizeof(tcp));
	size_t offset = (size_t)tcp.doff * 4;
	if (offset < 20 || offset > total - header)
		return -EPROTO;
	memcpy(&flow->source, &ip.saddr, 4);
	memcpy(&flow->destination, &ip.daddr, 4);
	flow->source_port = ntohs(tcp.source);
	flow->destination_port = ntohs(tcp.dest);
	flow->sequence = ntohl(tcp.seq);
	flow->acknowledgement = ntohl(tcp.ack_seq);
	flow->flags = bytes[14 + header + 13] & 0x1f;
	flow->window = ntohs(tcp.window);
	flow->data = bytes + 14 + header + offset;
	flow->length = total - header - offset;
	return 0;
}

/* Ethernet and IPv4 round a TCP segment that lies in place; by x_build_inline() if `here`. */
packet_inline int generated_headers(uint8_t *bytes, size_t room, int length,
                                    const struct flow *flow, bool here)
{
	const struct slice into = slice_of(bytes + 14, room - 14);
	const struct ipv4_fields ipv4 = {
		.ttl = 64,
		.dont_fragment = 1,
		.protocol = IPV4_PROTOCOL_TCP,
		.source = flow->source,
		.destination = flow->destination,
		.data = packet_bytes(bytes + 34, (size_t)length),
	};
	int built = length;

	if (length >= 0)
		built = here ? ipv4_build_inline(into, &ipv4) : ipv4_build(into, &ipv4);
	if (built < 0)
		return built;
	const struct ethernet_fields ethernet = {
		.destination = { { 2, 0, 0, 0, 0, 1 } },
		.source = { { 2, 0, 0, 0, 0, 2 } },
		.type = ETHERNET_TYPE_IPV4,
		.data = packet_bytes(bytes + 14, (size_t)built),
	};
	return here ? ethernet_build_inline(slice_of(bytes, room), &ethernet)
	            : ethernet_build(slice_of(bytes, room), &ethernet);
}

static inline struct packet_pseudo generated_pseudo(bool offloaded, const struct flow *flow)
{
	struct packet_pseudo pseudo = packet_pseudo_ipv4(flow->source, flow->destination, 6);

	if (offloaded)
		pseudo.mode = PACKET_CHECKSUM_PARTIAL;
	return pseudo;
}

/* The options as a sender of many segments has them: encoded once, two numbers changed. */
packet_inline int generated_encoded(uint8_t *bytes, size_t room, bool offloaded,
                                    const struct flow *flow, bool here)
{
	const struct packet_pseudo pseudo = generated_pseudo(offloaded, flow);
	const struct slice into = slice_of(bytes + 34, room - 34);
	uint8_t options[12] = { 1, 1, 8, 10 };

	store32(options + 4, flow->timestamp);
	store32(options + 8, flow->echo);
	const struct tcp_fields tcp = {
		.source_port = flow->source_port,
		.destination_port = flow->destination_port,
		.sequence = flow->sequence,
		.acknowledgement = flow->acknowledgement,
		.ack = 1,
		.psh = 1,
		.window = flow->window,
		.options = { .encoded = packet_bytes(options, options_size), .count = 3 },
		.data = packet_bytes(bytes + 54 + options_size,
		                     flow->length), /* in place already */
	};
	int length = here ? tcp_build_inline(into, &tcp, pseudo) : tcp_build(into, &tcp, pseudo);

	return generated_headers(bytes, room, length, flow, here);
}

/* The options as structs. */
packet_inline int generated_list(uint8_t *bytes, size_t room, bool offloaded,
                                 const struct flow *flow, bool here)
{
	const struct packet_pseudo pseudo = generated_pseudo(offloaded, flow);
	const struct slice into = slice_of(bytes + 34, room - 34);
	const struct tcp_option_fields options[] = {
		{ .tag = TCP_OPTION_NOP },
		{ .tag = TCP_OPTION_NOP },
		{ .tag = TCP_OPTION_TIMESTAMPS,
		  .timestamps = { .value = flow->timestamp, .echo = flow->echo } },
	};
	const struct tcp_fields tcp = {
		.source_port = flow->source_port,
		.destination_port = flow->destination_port,
		.sequence = flow->sequence,
		.acknowledgement = flow->acknowledgement,
		.ack = 1,
		.psh = 1,
		.window = flow->window,
		.options = { .items = options, .count = options_size > 0 ? 3 : 0 },
		.data = packet_bytes(bytes + 54 + options_size,
		                     flow->length), /* in place already */
	};
	int length = here ? tcp_build_inline(into, &tcp, pseudo) : tcp_build(into, &tcp, pseudo);

	return generated_headers(bytes, room, length, flow, here);
}

static int generated_build(uint8_t *bytes, size_t room, bool offloaded, const struct flow *flow)
{
	return generated_encoded(bytes, room, offloaded, flow, false);
}

static int generated_build_here(uint8_t *bytes, size_t room, bool offloaded,
                                const struct flow *flow)
{
	return generated_encoded(bytes, room, offloaded, flow, true);
}

static int generated_build_list(uint8_t *bytes, size_t room, bool offloaded,
                                const struct flow *flow)
{
	return generated_list(bytes, room, offloaded, flow, false);
}

static int generated_build_list_here(uint8_t *bytes, size_t room, bool offloaded,
                                     const struct flow *flow)
{
	return generated_list(bytes, room, offloaded, flow, true);
}

static int hand_build(uint8_t *bytes, size_t room, bool offloaded, const struct flow *flow)
{
	static const uint8_t addresses[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
	uint8_t *ip = bytes + 14, *tcp = ip + 20;
	size_t segment = 20 + options_size + flow->length;

	if (room < 54 + options_size || flow->length > room - 54 - options_size)
		return -ENOBUFS;
	if (20 + segment > UINT16_MAX)
		return -EOVERFLOW;
	memcpy(bytes, addresses, 14);
	ip[0] = 0x45;
	ip[1] = 0;
	store16(ip + 2, (uint16_t)(20 + segment));
	store32(ip + 4, 0x4000);
	ip[8] = 64;
	ip[9] = 6;
	store16(ip + 10, 0);
	memcpy(ip + 12, &flow->source, 4);
	memcpy(ip + 16, &flow->destination, 4);
	checksum_store(ip + 10, checksum_finish(checksum_add(0, ip, 20)));
	store16(tcp, flow->source_port);
	store16(tcp + 2, flow->destination_port);
	store32(tcp + 4, flow->sequence);
	store32(tcp + 8, flow->acknowledgement);
	tcp[12] = (uint8_t)((20 + options_size) << 2);
	tcp[13] = 0x18;
	store16(tcp + 14, flow->window);
	store32(tcp + 16, 0);
	if (options_size > 0) {
		store32(tcp + 20, 0x0101080a);
		store32(tcp + 24, flow->timestamp);
		store32(tcp + 28, flow->echo);
	}
	uint32_t sum = hand_pseudo(ip, segment);
	checksum_store(tcp + 16, offloaded ? (uint16_t)sum
	                                   : checksum_finish(checksum_add(sum, tcp, segment)));
	return (int)(54 + options_size + flow->length);
}

#ifdef HAVE_LIBNET
static libnet_t *libnet;

static int libnet_build(uint8_t *bytes, size_t room, bool offloaded, const struct flow *flow)
{
	static libnet_ptag_t options_tag, tcp_tag, ip_tag, ethernet_tag;
	uint8_t options[12] = { 1, 1, 8, 10 }, destination[6] = { 2, 0, 0, 0, 0, 1 };
	uint8_t source[6] = { 2, 0, 0, 0, 0, 2 }, *packet = NULL;
	uint32_t length = 0, from, to;

	(void)offloaded;
	store32(options + 4, flow->timestamp);
	store32(options + 8, flow->echo);
	memcpy(&from, &flow->source, 4);
	memcpy(&to, &flow->destination, 4);
	options_tag =
		libnet_build_tcp_options(options, (uint32_t)options_size, libnet, options_tag);
	tcp_tag = libnet_build_tcp(
		flow->source_port, flow->destination_port, flow->sequence, flow->acknowledgement,
		0x18, flow->window, 0, 0, (uint16_t)(20 + options_size + flow->length),
		bytes + 54 + options_size, (uint32_t)flow->length, libnet, tcp_tag);
	ip_tag = libnet_build_ipv4((uint16_t)(40 + options_size + flow->length), 0, 0, 0x4000, 64,
	                           6, 0, from, to, NULL, 0, libnet, ip_tag);
	ethernet_tag =
		libnet_build_ethernet(destination, source, 0x0800, NULL, 0, libnet, ethernet_tag);
	if (options_tag < 0 || tcp_tag < 0 || ip_tag < 0 || ethernet_tag < 0 ||
	    libnet_pblock_coalesce(libnet, &packet, &length) != 1 || length > room)
		return -EINVAL;
	memcpy(bytes, packet, length);
	free(libnet->aligner > 0 ? packet - libnet->aligner : packet);
	return (int)length;
}
#endif

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static struct flow flows[PACKETS];
static volatile uint64_t sink;

static double time_parse(parse_function parse, bool offloaded)
{
	double start = now_ns();
	uint64_t sum = 0;

	for (int repeat = 0; repeat < REPEATS; repeat++) {
		for (size_t i = 0; i < PACKETS; i++) {
			struct flow flow = { .timestamp = 0 };

			if (parse(frames[i].bytes, FRAME, offloaded, &flow) != 0)
				abort();
			sum += flow.sequence + flow.acknowledgement + flow.flags + flow.length +
			       flow.source_port + flow.destination_port + flow.window +
			       flow.data[0];
		}
	}
	sink = sum;
	return (now_ns() - start) / (REPEATS * PACKETS);
}

static double time_build(build_function build, bool offloaded)
{
	double start = now_ns();

	for (int repeat = 0; repeat < REPEATS; repeat++)
		for (size_t i = 0; i < PACKETS; i++)
			if (build(frames[i].bytes, sizeof(frames[i].bytes), offloaded, &flows[i]) !=
			    (int)FRAME)
				abort();
	return (now_ns() - start) / (REPEATS * PACKETS);
}

static void prepare(void)
{
	for (size_t i = 0; i < PACKETS; i++) {
		struct flow *flow = &flows[i];

		*flow = (struct flow){ .source = { { 10, 0, 0, 1 } },
			               .destination = { { 10, 0, 0, 2 } },
			               .source_port = (uint16_t)(40000 + i),
			               .destination_port = 80,
			               .window = 501,
			               .sequence = (uint32_t)(i * 77777),
			               .acknowledgement = 1,
			               .timestamp = (uint32_t)i,
			               .echo = 5,
			               .length = PAYLOAD };
		memset(frames[i].bytes, (int)i, FRAME);
		if (generated_build(frames[i].bytes, sizeof(frames[i].bytes), false, flow) !=
		    (int)FRAME)
			abort();
	}
}

/* The sides must agree before they are compared. */
static void check(build_function build, const char *name)
{
	struct frame_bytes other;

	memset(&other, 3, sizeof(other));
	if (build(other.bytes, sizeof(other.bytes), false, &flows[3]) != (int)FRAME ||
	    memcmp(other.bytes, frames[3].bytes, FRAME) != 0) {
		printf("%s builds other bytes\n", name);
		exit(1);
	}
}

static void print(const char *what, double generated, double peer, const char *name)
{
	printf("%-44s %6.1f ns   %.2f of %s\n", what, generated, generated / peer, name);
}

static void compare_parse(bool offloaded, const char *what)
{
	double generated = 1e9, hand = 1e9, overlay = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		double a = time_parse(generated_parse, offloaded);
		double b = time_parse(hand_parse, offloaded);
		double c = time_parse(overlay_parse, offloaded);

		generated = a < generated ? a : generated;
		hand = b < hand ? b : hand;
		overlay = c < overlay ? c : overlay;
	}
	print(what, generated, hand, "hand-written");
	print("", generated, overlay, "overlaid structs that check lengths only");
}

static void compare_build(bool offloaded, const char *what)
{
	static const struct {
		build_function build;
		const char *what;
		bool options_only;
	} sides[] = {
		{ generated_build, NULL, false },
		{ generated_build_here, "  inline", false },
		{ generated_build_list, "  its options from structs", true },
		{ generated_build_list_here, "  the same inline", true },
	};
	enum {
		SIDES = sizeof(sides) / sizeof(sides[0])
	};
	double generated[SIDES], hand = 1e9, other = 1e9;

	for (size_t i = 0; i < SIDES; i++)
		generated[i] = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		double time = time_build(hand_build, offloaded);

		hand = time < hand ? time : hand;
		for (size_t i = 0; i < SIDES; i++) {
			if (sides[i].options_only && options_size == 0)
				continue;
			time = time_build(sides[i].build, offloaded);
			generated[i] = time < generated[i] ? time : generated[i];
		}
#ifdef HAVE_LIBNET
		if (libnet != NULL && options_size > 0) {
			time = time_build(libnet_build, offloaded);
			other = time < other ? time : other;
		}
#endif
	}
	for (size_t i = 0; i < SIDES; i++)
		if (generated[i] < 1e9)
			print(sides[i].what != NULL ? sides[i].what : what, generated[i], hand,
			      "hand-written");
	if (other < 1e9)
		print("", generated[0], other, "libnet");
}

static void compare(const char *what)
{
	printf("%s\n", what);
	prepare();
	check(hand_build, "hand-written");
	check(generated_build_here, "x_build_inline()");
	if (options_size > 0) {
		check(generated_build_list, "the list");
		check(generated_build_list_here, "the list, inline,");
	}
#ifdef HAVE_LIBNET
	char error[LIBNET_ERRBUF_SIZE];

	libnet = libnet_init(LIBNET_NONE, NULL, error);
	if (libnet != NULL && options_size > 0)
		check(libnet_build, "libnet");
#endif
	compare_parse(false, "parse with checksum");
	compare_parse(true, "parse, checksum by a device");
	compare_build(false, "build with checksum");
	compare_build(true, "build, checksum by a device");
}

int main(void)
{
	compare("Ethernet, IPv4, TCP without options");
	options_size = 12;
	compare("Ethernet, IPv4, TCP with a timestamp option");
	return 0;
}
