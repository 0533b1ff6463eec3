// SPDX-License-Identifier: ISC
/* Where a function ends whose frame was overwritten. */
#include "targets/bare/report.h"
#include "targets/bare/start.h"

/* Called by code that the compiler makes. */
no_return void __stack_chk_fail(void);

void __stack_chk_fail(void)
{
	const struct target *target = bare_target();

	report("ABORT: Stack corruption detected");
	target->ops->abort(target->state);
}
