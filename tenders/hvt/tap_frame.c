/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/tap_frame.h"

#include <errno.h>
#include <unistd.h>

enum solo5_result tap_frame_write(int descriptor, const void *frame, uint64_t length)
{
	ssize_t count;

	do
		count = write(descriptor, frame, length);
	while (count < 0 && errno == EINTR);
	if (count >= 0)
		return (uint64_t)count == length ? SOLO5_OK : SOLO5_EUNSPEC;
	return errno == EAGAIN || errno == ENOBUFS ? SOLO5_OK : SOLO5_EUNSPEC;
}

enum solo5_result tap_frame_read(int descriptor, void *frame, uint64_t size, uint64_t *length)
{
	ssize_t count;

	do
		count = read(descriptor, frame, size);
	while (count < 0 && errno == EINTR);
	if (count > 0) {
		*length = (uint64_t)count;
		return SOLO5_OK;
	}
	return count == 0 || errno == EAGAIN ? SOLO5_AGAIN : SOLO5_EUNSPEC;
}
