/* SPDX-License-Identifier: ISC */
/* A capture into a file, where there are files. Apart, so that other targets do not miss them. */
#include <mirage/net_pcap.h>

#include <string.h>

#include "net/device/pcap.h"

int net_pcap_connect(const struct net_pcap *self)
{
	struct net_pcap_sink sink;
	int result = net_pcap_open_file(self->file, &sink);

	if (result == 0) {
		result = net_pcap_attach(self, &sink);
		if (result != 0)
			sink.close(sink.context);
	}
	if (result != 0)
		log_error_from(&log_pcap, "cannot record into '%s': %s", self->file,
		               strerror(-result));
	else
		log_info_from(&log_pcap, "recording into %s", self->file);
	return result;
}
