// SPDX-License-Identifier: ISC
/* The packet library by hand. */
#include "bench/mpl/library.h"

static struct bytes part(const uint8_t *bytes, size_t length)
{
	return (struct bytes){ bytes, length };
}

int library_ethernet_parse(struct bytes bytes, struct library_ethernet *view)
{
	if (bytes.length < 14)
		return -EMSGSIZE;
	view->bytes = bytes.bytes;
	view->data = part(bytes.bytes + 14, bytes.length - 14);
	return 0;
}

int library_ipv4_parse(struct bytes bytes, struct library_ipv4 *view)
{
	const uint8_t *ip = bytes.bytes;

	if (bytes.length < 20)
		return -EMSGSIZE;
	size_t header = (size_t)(ip[0] & 15) * 4, total = load16(ip + 2);
	if (ip[0] >> 4 != 4)
		return -EPROTO;
	if (header < 20)
		return -ERANGE;
	if (total < header)
		return -EBADMSG;
	if (total > bytes.length)
		return -EMSGSIZE;
	if (checksum_finish(checksum_add(0, ip, header)) != 0)
		return -EILSEQ;
	view->bytes = ip;
	view->options = part(ip + 20, header - 20);
	view->data = part(ip + header, total - header);
	return 0;
}

static int check_option(const uint8_t *option, size_t size)
{
	switch (option[0]) {
	case 2:
		return size != 4 ? -EPROTO : 0;
	case 3:
		return size != 3 ? -EPROTO : 0;
	case 4:
		return size != 2 ? -EPROTO : 0;
	case 5:
		return (size - 2) % 8 != 0 ? -EBADMSG : 0;
	case 8:
		return size != 10 ? -EPROTO : 0;
	default:
		return 0;
	}
}

static int check_options(const uint8_t *option, size_t length)
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
		int error = check_option(option + at, option[at + 1]);
		if (error != 0)
			return error;
		at += option[at + 1];
	}
	return 0;
}

int library_tcp_parse(struct bytes bytes, struct library_tcp *view,
                      const struct library_pseudo *pseudo)
{
	const uint8_t *tcp = bytes.bytes;

	if (bytes.length < 20)
		return -EMSGSIZE;
	size_t offset = (size_t)(tcp[12] >> 4) * 4;
	if (offset < 20)
		return -ERANGE;
	if (offset > bytes.length)
		return -EMSGSIZE;
	int error = check_options(tcp + 20, offset - 20);
	if (error != 0)
		return error;
	if (!pseudo->offloaded) {
		uint64_t sum = pseudo->sum + __builtin_bswap32((uint32_t)bytes.length);

		if (checksum_finish(checksum_add(sum, tcp, bytes.length)) != 0)
			return -EILSEQ;
	}
	view->bytes = tcp;
	view->options = part(tcp + 20, offset - 20);
	view->data = part(tcp + offset, bytes.length - offset);
	return 0;
}

bool library_tcp_next(const struct library_tcp *view, size_t *at, struct bytes *option)
{
	const uint8_t *bytes = view->options.bytes;

	while (*at < view->options.length && bytes[*at] == 1)
		(*at)++;
	if (*at >= view->options.length || bytes[*at] == 0)
		return false;
	*option = part(bytes + *at, bytes[*at + 1]);
	*at += option->length;
	return true;
}

/* Bytes at their place, unless they are there already. */
static inline void put(uint8_t *to, struct bytes bytes)
{
	if (bytes.length > 0 && bytes.bytes != to)
		memmove(to, bytes.bytes, bytes.length);
}

int library_ethernet_build(uint8_t *to, size_t room, const struct library_ethernet_fields *fields)
{
	if (room < 14 || fields->data.length > room - 14)
		return -ENOBUFS;
	size_t length = 14 + fields->data.length;
	if (length > INT32_MAX)
		return -EOVERFLOW;
	put(to + 14, fields->data);
	memcpy(to, &fields->destination, 6);
	memcpy(to + 6, &fields->source, 6);
	store16(to + 12, fields->type);
	return (int)length;
}

int library_ipv4_build(uint8_t *to, size_t room, const struct library_ipv4_fields *fields)
{
	size_t padded = (fields->options.length + 3) & ~(size_t)3;

	if (fields->options.length > 40)
		return -EOVERFLOW;
	if (room < 20 + padded || fields->data.length > room - 20 - padded)
		return -ENOBUFS;
	size_t header = 20 + padded, total = header + fields->data.length;
	if (total > UINT16_MAX)
		return -EOVERFLOW;
	put(to + header, fields->data);
	put(to + 20, fields->options);
	memset(to + 20 + fields->options.length, 0, padded - fields->options.length);
	to[0] = (uint8_t)(0x40 | header / 4);
	to[1] = fields->tos;
	store16(to + 2, (uint16_t)total);
	store16(to + 4, fields->identification);
	store16(to + 6, fields->fragment);
	to[8] = fields->ttl;
	to[9] = fields->protocol;
	store16(to + 10, 0);
	memcpy(to + 12, &fields->source, 4);
	memcpy(to + 16, &fields->destination, 4);
	checksum_store(to + 10, checksum_finish(checksum_add(0, to, header)));
	return (int)total;
}

int library_tcp_build(uint8_t *to, size_t room, const struct library_tcp_fields *fields,
                      const struct library_pseudo *pseudo)
{
	size_t padded = (fields->options.length + 3) & ~(size_t)3;

	if (fields->options.length > 40)
		return -EOVERFLOW;
	if (room < 20 + padded || fields->data.length > room - 20 - padded)
		return -ENOBUFS;
	size_t header = 20 + padded, length = header + fields->data.length;
	if (length > INT32_MAX)
		return -EOVERFLOW;
	put(to + header, fields->data);
	put(to + 20, fields->options);
	memset(to + 20 + fields->options.length, 0, padded - fields->options.length);
	store16(to, fields->source_port);
	store16(to + 2, fields->destination_port);
	store32(to + 4, fields->sequence);
	store32(to + 8, fields->acknowledgement);
	to[12] = (uint8_t)(header << 2);
	to[13] = fields->flags;
	store16(to + 14, fields->window);
	store16(to + 16, 0);
	store16(to + 18, fields->urgent);
	uint64_t sum = pseudo->sum + __builtin_bswap32((uint32_t)length);
	checksum_store(to + 16, pseudo->offloaded ? (uint16_t)checksum_fold(sum)
	                                          : checksum_finish(checksum_add(sum, to, length)));
	return (int)length;
}

/* Bytes of the option; 0 if it is too long for its length byte. */
static size_t option_size(const struct library_option *option)
{
	switch (option->kind) {
	case 0:
	case 1:
		return 1;
	case 2:
		return 4;
	case 3:
		return 3;
	case 4:
		return 2;
	case 8:
		return 10;
	default:
		return option->other.length <= 253 ? 2 + option->other.length : 0;
	}
}

int library_options_build(uint8_t *to, size_t room, const struct library_option *options,
                          size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		const struct library_option *option = &options[i];
		size_t size = option_size(option);

		if (size == 0)
			return -EOVERFLOW;
		if (size > room - at)
			return -ENOBUFS;
		to[at] = option->kind;
		if (size > 1)
			to[at + 1] = (uint8_t)size;
		switch (option->kind) {
		case 0:
		case 1:
		case 4:
			break;
		case 2:
			store16(to + at + 2, option->mss);
			break;
		case 3:
			to[at + 2] = option->shift;
			break;
		case 8:
			store32(to + at + 2, option->timestamps.value);
			store32(to + at + 6, option->timestamps.echo);
			break;
		default:
			memcpy(to + at + 2, option->other.bytes, option->other.length);
			break;
		}
		at += size;
	}
	return (int)at;
}
