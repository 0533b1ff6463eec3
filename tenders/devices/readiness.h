/* SPDX-License-Identifier: ISC */
/*
 * What an image sleeps on: one epoll descriptor that all attached network devices and one timer
 * are registered with. Event data is the device's handle, or READINESS_TIMER.
 */
#ifndef TENDERS_DEVICES_READINESS_H
#define TENDERS_DEVICES_READINESS_H

#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/manifest/manifest.h"
#include "tenders/report/reason.h"

#define READINESS_TIMER UINT64_C(0xfffffffe)

struct readiness {
	int epoll_descriptor;
	int timer_descriptor; /* timerfd of CLOCK_MONOTONIC, non-blocking */
	unsigned net_count;
};

must_check int readiness_open(struct readiness *readiness, const struct manifest *manifest,
                              struct reason *reason);

#endif
