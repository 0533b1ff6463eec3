/* How fast frames go out, or come in. */
#pragma once

#include <stdint.h>

#include <mirage/monotonic_clock.h>
#include <mirage/net.h>

/* Send `count` frames of `size` bytes to everybody, or receive `count`, and log the rate. */
int rate_flood(const struct net *net, const struct monotonic_clock *clock, uint64_t count,
               size_t size);
int rate_sink(const struct net *net, const struct monotonic_clock *clock, uint64_t count);
