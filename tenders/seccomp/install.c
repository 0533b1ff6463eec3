/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tenders/seccomp/filter.h"

int filter_install(const struct filter *filter, bool all_threads, struct reason *reason)
{
	/* The kernel only reads it. */
	union {
		const struct sock_filter *read;
		struct sock_filter *write;
	} code = { .read = filter->code };
	struct sock_fprog program = { (unsigned short)filter->length, code.write };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return reason_set(reason, -errno, "Could not give up new privileges: %s",
		                  strerror(errno));
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	            all_threads ? SECCOMP_FILTER_FLAG_TSYNC : 0, &program) != 0)
		return reason_set(
			reason, -errno, "Could not install the filter of system calls: %s%s",
			strerror(errno),
			errno == ENOSYS || errno == EINVAL ? " (does this kernel have seccomp?)"
							   : "");
	return 0;
}
