/* SPDX-License-Identifier: ISC */
/*
 * For those who write network devices, not for those who use them: what every driver checks.
 *
 * See also.   net.h, docs/how-to/write-a-device.md
 */
#ifndef MIRAGE_NET_DRIVER_H
#define MIRAGE_NET_DRIVER_H

#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/net.h>

/*
 * Whether a device with this MTU and these send offloads can send a frame: what net_send() promises
 * to check of each. After 0 the driver may rely on its metadata.
 *
 * -EINVAL, -EMSGSIZE, -ENOTSUP  as net_send()
 */
must_check int net_check_frame(const struct frame *frame, uint32_t mtu, uint32_t offloads);

#endif
