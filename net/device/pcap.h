/* SPDX-License-Identifier: ISC */
/*
 * What the files of net_pcap share.
 */
#ifndef NET_DEVICE_PCAP_H
#define NET_DEVICE_PCAP_H

#include <mirage/log.h>

extern const struct log_source log_pcap; /* "pcap" */

#endif
