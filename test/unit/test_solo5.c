// SPDX-License-Identifier: ISC
/* What Solo5 targets share, over a tender that is a variable. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "on_virtual.h"
#include "targets/bare/report.h"
#include "targets/solo5/host.h"
#include "targets/solo5/log.h"
#include "targets/solo5/manifest.h"
#include "targets/solo5/target.h"
#include "targets/solo5/wait.h"

enum {
	NET = 1,
	OTHER_NET = 2,
	DISK = 3,
	UNATTACHED = 4,
	DEVICES = 5,
};

static struct {
	struct {
		struct solo5_manifest header;
		struct solo5_manifest_entry entries[DEVICES];
	} manifest;
	char console[1024];
	size_t console_length;
	unsigned int calls;
	unsigned int frames[DEVICES]; /* that wait to be read */
	nanoseconds arrives[DEVICES]; /* when the next one comes; 0: never */
	unsigned int waits;
	unsigned int reads;
	unsigned int gone; /* a device that was deleted: an error, ready until it is forgotten */
	bool forgotten;
	bool flooded; /* a frame comes for each that is read */
	struct virtual_target *target;
} tender;

void host_console_write(const void *bytes, size_t length)
{
	assert_true(length <= sizeof(tender.console) - tender.console_length);
	memcpy(tender.console + tender.console_length, bytes, length);
	tender.console_length += length;
	tender.calls++;
}

nanoseconds host_clock_monotonic(void)
{
	return tender.target->target.ops->clock_monotonic(tender.target->target.state);
}

ssize_t host_net_read(unsigned int handle, void *frame, size_t size)
{
	if (handle == tender.gone)
		return -EIO;
	if (tender.frames[handle] == 0)
		return -EAGAIN;
	tender.reads++;
	assert_true(tender.reads < 100000); /* a target that only reads */
	if (tender.flooded)
		tender.frames[handle]++;
	assert_true(size >= 60);
	memset(frame, (int)handle, 60);
	tender.frames[handle]--;
	return 60;
}

void host_net_forget(unsigned int handle)
{
	assert_int_equal(handle, tender.gone);
	tender.forgotten = true;
}

const struct solo5_manifest *host_manifest(void)
{
	return &tender.manifest.header;
}

/* Time passes until the deadline or the next frame. */
uint64_t host_wait(nanoseconds deadline)
{
	uint64_t ready = 0;
	nanoseconds next = deadline;

	tender.waits++;
	assert_true(tender.waits < 1000); /* a target that spins */
	if (tender.gone != 0 && !tender.forgotten)
		next = 0;
	for (unsigned int handle = 1; handle < DEVICES; handle++)
		if (tender.frames[handle] > 0)
			next = 0;
		else if (tender.arrives[handle] != 0 && tender.arrives[handle] < next)
			next = tender.arrives[handle];
	assert_true(next != NEVER);
	tender.target->target.ops->wait(tender.target->target.state, next);
	for (unsigned int handle = 1; handle < DEVICES; handle++) {
		if (tender.arrives[handle] != 0 &&
		    tender.arrives[handle] <= host_clock_monotonic()) {
			tender.arrives[handle] = 0;
			tender.frames[handle]++;
		}
		if (tender.frames[handle] > 0 || (handle == tender.gone && !tender.forgotten))
			ready |= UINT64_C(1) << handle;
	}
	return ready;
}

static void entry_set(unsigned int handle, const char *name, enum solo5_device_type type,
                      bool attached)
{
	struct solo5_manifest_entry *entry = &tender.manifest.entries[handle];

	snprintf(entry->name, sizeof(entry->name), "%s", name);
	entry->type = type;
	entry->attached = attached;
}

/* A virtual target whose waiting is the Solo5 targets'. */
static int run_on_tender(int (*entry)(void *argument))
{
	struct virtual_target target;
	struct runtime *runtime;

	memset(&tender, 0, sizeof(tender));
	tender.target = &target;
	tender.manifest.header = (struct solo5_manifest){ 1, DEVICES };
	entry_set(0, "", SOLO5_DEVICE_RESERVED_FIRST, false);
	entry_set(NET, "service", SOLO5_DEVICE_NET_BASIC, true);
	entry_set(OTHER_NET, "management", SOLO5_DEVICE_NET_BASIC, true);
	entry_set(DISK, "storage", SOLO5_DEVICE_BLOCK_BASIC, true);
	entry_set(UNATTACHED, "spare", SOLO5_DEVICE_BLOCK_BASIC, false);
	virtual_target_init(&target);
	target.monotonic = 1000000;
	struct target_ops ops = *target.target.ops;

	ops.wait = solo5_wait;
	ops.can_wake = solo5_can_wake;
	const struct target over = { .name = "solo5", .ops = &ops, .state = target.target.state };

	assert_int_equal(runtime_new(&runtime, &over, NULL), 0);
	int result = runtime_run(runtime, entry, NULL);

	runtime_free(runtime);
	virtual_target_fini(&target);
	return result;
}

static int find_devices(void *argument)
{
	const struct solo5_manifest_entry *entry;
	unsigned int handle;

	(void)argument;
	assert_int_equal(solo5_manifest_find("management", SOLO5_DEVICE_NET_BASIC, &handle, &entry),
	                 0);
	assert_int_equal(handle, OTHER_NET);
	assert_ptr_equal(entry, &tender.manifest.entries[OTHER_NET]);
	assert_int_equal(solo5_manifest_find("storage", SOLO5_DEVICE_BLOCK_BASIC, &handle, &entry),
	                 0);
	assert_int_equal(handle, DISK);
	assert_int_equal(solo5_manifest_find("storage", SOLO5_DEVICE_NET_BASIC, &handle, &entry),
	                 -ENODEV);
	assert_int_equal(solo5_manifest_find("spare", SOLO5_DEVICE_BLOCK_BASIC, &handle, &entry),
	                 -ENODEV);
	assert_int_equal(solo5_manifest_find("", SOLO5_DEVICE_RESERVED_FIRST, &handle, &entry),
	                 -ENODEV);
	return 0;
}

static void a_device_is_found_by_name_and_type_if_it_is_attached(void **state)
{
	(void)state;
	assert_int_equal(run_on_tender(find_devices), 0);
}

static int wait_for_a_frame(void *argument)
{
	nanoseconds start = runtime_now();

	(void)argument;
	tender.arrives[NET] = start + 1000;
	assert_int_equal(solo5_wait_readable(NET, start + 5000), 0);
	assert_true(runtime_now() - start >= 1000);
	assert_true(runtime_now() - start < 5000);
	assert_int_equal(tender.frames[NET], 1);
	return 0;
}

static void a_fiber_wakes_when_its_device_can_be_read(void **state)
{
	(void)state;
	assert_int_equal(run_on_tender(wait_for_a_frame), 0);
	assert_int_equal(solo5_wait_dropped(NET), 0);
}

static int wait_in_vain(void *argument)
{
	nanoseconds start = runtime_now();

	(void)argument;
	assert_int_equal(solo5_wait_readable(NET, start + 5000), -ETIMEDOUT);
	assert_true(runtime_now() - start >= 5000);
	assert_int_equal(solo5_wait_readable(0, NEVER), -EINVAL);
	assert_int_equal(solo5_wait_readable(SOLO5_MANIFEST_ENTRIES_MAX, NEVER), -EINVAL);
	return 0;
}

static void a_wait_ends_at_its_deadline_and_needs_a_handle(void **state)
{
	(void)state;
	assert_int_equal(run_on_tender(wait_in_vain), 0);
}

static int frames_for_nobody(void *argument)
{
	nanoseconds start = runtime_now();
	uint64_t dropped = solo5_wait_dropped(OTHER_NET);

	(void)argument;
	tender.frames[OTHER_NET] = 3;
	tender.arrives[NET] = start + 1000;
	assert_int_equal(solo5_wait_readable(NET, start + 5000), 0);
	assert_int_equal(solo5_wait_dropped(OTHER_NET), dropped + 3);
	assert_int_equal(tender.frames[OTHER_NET], 0);
	assert_int_equal(tender.frames[NET], 1);
	assert_true(tender.waits < 10);
	return 0;
}

static void frames_that_nobody_waits_for_do_not_keep_the_instance_awake(void **state)
{
	(void)state;
	assert_int_equal(run_on_tender(frames_for_nobody), 0);
}

static int flood_for_nobody(void *argument)
{
	nanoseconds start = runtime_now();

	(void)argument;
	tender.frames[OTHER_NET] = 1;
	tender.flooded = true;
	/* Time does not pass while frames wait: the other device's is there at once. */
	tender.frames[NET] = 1;
	assert_int_equal(solo5_wait_readable(NET, start + 5000), 0);
	assert_true(tender.waits < 10);
	return 0;
}

static void a_flood_that_nobody_waits_for_does_not_hold_up_the_rest(void **state)
{
	(void)state;
	assert_int_equal(run_on_tender(flood_for_nobody), 0);
}

static int sleep_beside_one_that_is_gone(void *argument)
{
	(void)argument;
	tender.gone = OTHER_NET;
	assert_int_equal(fiber_sleep(5000), 0);
	assert_true(tender.forgotten);
	assert_true(tender.waits < 10);
	/* Whoever waits for it finds out by reading. */
	assert_int_equal(solo5_wait_readable(OTHER_NET, NEVER), 0);
	return 0;
}

static void a_device_that_is_gone_does_not_keep_the_instance_awake(void **state)
{
	(void)state;
	assert_int_equal(run_on_tender(sleep_beside_one_that_is_gone), 0);
}

/* What is left of `line` when the tender's options are off it. */
static void check_rest(const char *line, const char *rest, bool info, bool error)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", line);
	assert_string_equal(solo5_log_configure(copy), rest);
	assert_int_equal(solo5_log_shows(SOLO5_LOG_INFO) != 0, info);
	assert_int_equal(solo5_log_shows(SOLO5_LOG_ERROR) != 0, error);
}

static void leading_options_of_the_tender_set_the_level(void **state)
{
	(void)state;
	check_rest("--hello=x", "--hello=x", true, true);
	check_rest("--solo5:quiet", "", false, true);
	check_rest("--solo5:info --hello=x", "--hello=x", true, true);
	check_rest("--solo5:quiet --solo5:debug  a --solo5:quiet", "a --solo5:quiet", true, true);
	assert_true(solo5_log_shows(SOLO5_LOG_DEBUG));
	check_rest("--solo5:warn --solo5:unknown", "--solo5:unknown", false, true);
	check_rest("--solo5:infox", "--solo5:infox", false, true);
	check_rest("--solo5:info", "", true, true);
}

static void a_line_is_one_call_and_cut_at_its_limit(void **state)
{
	char longest[400];

	(void)state;
	memset(&tender, 0, sizeof(tender));
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	solo5_log(SOLO5_LOG_INFO, "%s(%d) called", "solo5_exit", 0);
	assert_int_equal(tender.calls, 1);
	assert_int_equal(tender.console_length, strlen("Solo5: solo5_exit(0) called\n"));
	assert_memory_equal(tender.console, "Solo5: solo5_exit(0) called\n", tender.console_length);

	solo5_log(SOLO5_LOG_DEBUG, "not shown");
	assert_int_equal(tender.calls, 1);

	tender.console_length = 0;
	report("%s", longest);
	assert_int_equal(tender.calls, 2);
	assert_int_equal(tender.console_length, 318 + strlen("(truncated)\n"));
	assert_memory_equal(tender.console + 310, "xxxxxxxx(truncated)\n", 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_found_by_name_and_type_if_it_is_attached),
		cmocka_unit_test(a_fiber_wakes_when_its_device_can_be_read),
		cmocka_unit_test(a_wait_ends_at_its_deadline_and_needs_a_handle),
		cmocka_unit_test(frames_that_nobody_waits_for_do_not_keep_the_instance_awake),
		cmocka_unit_test(a_flood_that_nobody_waits_for_does_not_hold_up_the_rest),
		cmocka_unit_test(a_device_that_is_gone_does_not_keep_the_instance_awake),
		cmocka_unit_test(leading_options_of_the_tender_set_the_level),
		cmocka_unit_test(a_line_is_one_call_and_cut_at_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
