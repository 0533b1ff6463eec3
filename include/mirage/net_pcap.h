/* SPDX-License-Identifier: ISC */
/*
 * net_pcap: a network device that records what goes through it, for tcpdump and Wireshark.
 *
 * Model.      A wrapper: it sends and receives through the device `below` and writes each frame,
 *             when it has been taken or has come, as a packet of a pcapng capture, with the wall
 *             clock in nanoseconds and its direction. Super-frames are recorded as they are, with
 *             a comment; a checksum that is left to the device shows as wrong. If the capture
 *             cannot be written (the disk is full) the log says so once, recording ends, and the
 *             frames go on.
 * Where to.   On unix a file, replaced if it exists, complete after each call. Other targets have no
 *             files: there net_pcap_attach() gives it a sink of one's own.
 * Context.    As net.h; writing the capture blocks the instance.
 *
 * Made by config.c, on unix: pcap(net, "capture.pcapng").
 */
#ifndef MIRAGE_NET_PCAP_H
#define MIRAGE_NET_PCAP_H

#include <mirage/attributes.h>
#include <mirage/net.h>

struct net_pcap_driver;

struct net_pcap_state {
	struct net_pcap_driver *driver; /* while connected */
};

struct net_pcap {
	struct net_pcap_state *state;
	const struct net *below;
	const char *file;
};

/* Where a capture goes. */
struct net_pcap_sink {
	void *context;
	/* Write all bytes. 0, or a negative errno value: recording ends. */
	int (*write)(void *context, const void *bytes, size_t length);
	void (*close)(void *context); /* NULL: nothing to do */
};

extern const struct net_ops net_pcap_ops;

/* Wrap the device, recording into `self->file`, which the log names if it cannot be made. Only where
   there are files. -ENOMEM, -EIO, and the errors of open(). */
must_check int net_pcap_connect(const struct net_pcap *self);

/* Wrap the device, recording into `sink`, whatever `self->file` is. -ENOMEM, and what it says. */
must_check int net_pcap_attach(const struct net_pcap *self, const struct net_pcap_sink *sink);

/* Close the capture. */
void net_pcap_disconnect(const struct net_pcap *self);

/* Make `path` and a sink that writes to it: the target's part of net_pcap_connect(). -errno. */
must_check int net_pcap_open_file(const char *path, struct net_pcap_sink *sink);

#endif
