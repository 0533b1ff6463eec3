/* SPDX-License-Identifier: ISC */
/* Captures in files. */
#include <mirage/net_pcap.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int descriptor_of(void *context)
{
	return (int)(intptr_t)context;
}

static int file_write(void *context, const void *bytes, size_t length)
{
	const uint8_t *next = bytes;

	while (length > 0) {
		ssize_t count = write(descriptor_of(context), next, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		next += count;
		length -= (size_t)count;
	}
	return 0;
}

static void file_close(void *context)
{
	close(descriptor_of(context));
}

int net_pcap_open_file(const char *path, struct net_pcap_sink *sink)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	*sink = (struct net_pcap_sink){
		.context = (void *)(intptr_t)fd, /* NOLINT(performance-no-int-to-ptr) */
		.write = file_write,
		.close = file_close,
	};
	return 0;
}
