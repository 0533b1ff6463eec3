// SPDX-License-Identifier: ISC
/* The instance that runs on this thread. */
#include <mirage/target.h>

_Thread_local struct runtime *target_current_runtime;
