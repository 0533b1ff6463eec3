/* SPDX-License-Identifier: ISC */
/* What is the same for every network device. */
#include <mirage/net.h>

#include <errno.h>

int net_accept_offloads(const struct net *net, uint32_t offloads)
{
	if ((offloads & ~(uint32_t)NET_OFFLOAD_ALL) != 0 ||
	    (offloads != 0 && (offloads & NET_OFFLOAD_CHECKSUM) == 0))
		return -EINVAL;
	if (net->ops->accept_offloads == NULL)
		return offloads == 0 ? 0 : -ENOTSUP;
	return net->ops->accept_offloads(net->self, offloads);
}

ssize_t net_receive_until(const struct net *net, struct frame *frames[], size_t count,
                          nanoseconds deadline)
{
	for (;;) {
		ssize_t taken = net_receive(net, frames, count);

		if (taken != 0)
			return taken;
		int result = net_wait_readable(net, deadline);

		if (result != 0)
			return result;
	}
}

ssize_t net_send_until(const struct net *net, struct frame *frames[], size_t count,
                       nanoseconds deadline)
{
	size_t sent = 0;

	while (sent < count) {
		ssize_t taken = net_send(net, &frames[sent], count - sent);
		int result = taken < 0 ? (int)taken : 0;

		if (taken == 0)
			result = net_wait_writable(net, deadline);
		if (result != 0)
			return sent > 0 ? (ssize_t)sent : result;
		sent += (size_t)taken;
	}
	return (ssize_t)sent;
}
