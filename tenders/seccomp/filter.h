/* SPDX-License-Identifier: ISC */
/*
 * Lists of allowed system calls, as programs for the kernel's seccomp filter.
 *
 * Model.       A rule is a call and what its arguments must be. A call that no rule allows, or one
 *              of another calling convention (32-bit, x32), kills the process. Rules of one call
 *              stand together in the list; those most in a hurry come first, because the kernel
 *              reads the program from the top each time.
 * See also.    docs/decisions/0017-seccomp-programs-of-our-own.md
 */
#ifndef TENDERS_SECCOMP_FILTER_H
#define TENDERS_SECCOMP_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/report/reason.h"

enum {
	FILTER_CHECKS_MAX = 3,
	FILTER_LENGTH_MAX = BPF_MAXINSNS,
};

enum filter_test {
	FILTER_INT, /* the low 32 bits, which are all that the kernel reads of an int, are equal */
	FILTER_EQUAL,   /* all 64 bits are equal */
	FILTER_AT_MOST, /* unsigned, 64 bits */
};

struct filter_check {
	uint8_t argument; /* 0 to 5 */
	enum filter_test test;
	uint64_t value;
};

struct filter_rule {
	uint32_t call; /* SYS_… */
	size_t check_count;
	struct filter_check checks[FILTER_CHECKS_MAX];
};

struct filter {
	size_t length;
	struct sock_filter code[FILTER_LENGTH_MAX];
};

/* Compile `rules`. -E2BIG if the program would be longer than the kernel takes. */
must_check int filter_compile(struct filter *filter, const struct filter_rule *rules,
                              size_t rule_count);

/*
 * Give up new privileges and put the filter on this thread, or on `all_threads` of the process. For
 * good: there is no way back. Needs no privilege.
 */
must_check int filter_install(const struct filter *filter, bool all_threads, struct reason *reason);

#endif
