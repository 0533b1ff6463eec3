// SPDX-License-Identifier: ISC
/* The instance that runs here: the only one, since there is one core. */
#include <mirage/target.h>

_Thread_local struct runtime *target_current_runtime;
