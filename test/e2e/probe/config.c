/* SPDX-License-Identifier: ISC */
#include <mirage/config.h>

KEY_STRING(act, .value = "nothing", .doc = "What to do: unikernel.c has the list.")
KEY_INT(number, .value = "0", .doc = "A number for it.")
KEY_STRING(text, .value = "", .doc = "A text for it.")

MAIN(probe_main, "probe_start", time, wall_clock, random)

void configure(void)
{
	register_unikernel("probe",
	                   probe_main(default_time(), default_wall_clock(), default_random()));
}
