/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/guest.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tenders/hvt/boot_block.h"
#include "tenders/hvt/confine.h"
#include "tenders/hvt/page_tables.h"
#include "tenders/hvt/vcpu.h"

static bool has_net(const struct manifest *manifest)
{
	for (size_t i = 1; i < manifest->entry_count; i++)
		if (manifest->entries[i].type == SOLO5_DEVICE_NET_BASIC)
			return true;
	return false;
}

static int write_page_tables(struct guest *guest, const struct executable_plan *plan)
{
	struct guest_range executable[EXECUTABLE_SEGMENTS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < plan->range_count; i++)
		if (plan->ranges[i].protection & PROT_EXEC)
			executable[count++] =
				(struct guest_range){ plan->ranges[i].start, plan->ranges[i].end };
	int error = page_tables_write(guest->vm.memory, guest->vm.mapped,
	                              guest->executable_heap ? NULL : executable, count);
	if (error != 0)
		return reason_set(&guest->launch.reason, error,
		                  "%s: too much code in too many pieces (--x-exec-heap maps all "
		                  "of memory executable)",
		                  guest->launch.executable.path);
	return 0;
}

static void describe_memory(struct guest *guest, const struct memory_layout *layout,
                            const struct executable_plan *plan)
{
	struct guest_memory *memory = &guest->hypercalls.memory;

	static_assert((int)EXECUTABLE_SEGMENTS_MAX <= (int)GUEST_RANGES_MAX,
	              "room for all segments");
	memory->bytes = guest->vm.memory;
	memory->size = layout->size;
	for (size_t i = 0; i < plan->range_count; i++)
		if (!(plan->ranges[i].protection & PROT_WRITE))
			memory->read_only[memory->read_only_count++] =
				(struct guest_range){ plan->ranges[i].start, plan->ranges[i].end };
}

static int make_ring(struct guest *guest, const struct memory_layout *layout)
{
	struct reason *reason = &guest->launch.reason;
	/* The mapping is page-aligned, and the ring's address a multiple of 2 MiB. */
	void *shared = guest->vm.memory + layout->ring;
	int event = eventfd(0, EFD_CLOEXEC);

	if (event < 0)
		return reason_set(reason, -errno, "eventfd: %s", strerror(errno));
	net_ring_init(&guest->ring, shared, &guest->hypercalls.memory, &guest->launch.manifest,
	              event);
	return vm_bind_port(&guest->vm, HVT_PORT_NET_RING_KICK, event, reason);
}

static int write_boot_block(struct guest *guest, const struct memory_layout *layout,
                            const struct executable_plan *plan)
{
	const struct boot_block block = {
		.memory_size = layout->size,
		.image_end = plan->image_end,
		.tsc_frequency_hz = guest->vm.tsc_frequency_hz,
		.net_ring = guest->has_ring ? layout->ring : 0,
		.manifest = &guest->launch.manifest,
		.command_line = guest->launch.command_line,
	};
	int error = boot_block_write(guest->vm.memory, &block);

	if (error != 0)
		return reason_set(&guest->launch.reason, error, "Guest command line too long");
	return 0;
}

static int load(struct guest *guest, const struct memory_layout *layout,
                struct executable_plan *plan)
{
	struct reason *reason = &guest->launch.reason;
	const struct executable *executable = &guest->launch.executable;
	int error = executable_plan(executable, layout->size, plan, reason);

	if (error == 0)
		error = executable_load(executable, plan, (uintptr_t)guest->vm.memory, reason);
	if (error == 0)
		error = write_page_tables(guest, plan);
	if (error == 0)
		error = write_boot_block(guest, layout, plan);
	if (error == 0)
		error = vm_protect(&guest->vm, plan, reason);
	return error;
}

int guest_prepare(struct guest *guest)
{
	struct launch *launch = &guest->launch;
	struct reason *reason = &launch->reason;
	struct memory_layout layout;
	struct executable_plan plan;
	bool adjusted;

	int error = memory_layout_plan(&layout, launch->core.memory_mib << 20,
	                               has_net(&launch->manifest), &adjusted, reason);
	if (error != 0)
		return error;
	if (adjusted)
		report_line(launch->tender->program, "adjusting memory to %" PRIu64 " bytes",
		            layout.size);
	error = vm_create(&guest->vm, layout.mapped, reason);
	if (error != 0)
		return error;

	guest->has_ring = layout.ring != 0 && guest->vm.has_ioeventfd;
	error = load(guest, &layout, &plan);
	if (error != 0)
		return error;
	describe_memory(guest, &layout, &plan);
	guest->hypercalls.manifest = &launch->manifest;
	guest->hypercalls.readiness = launch->readiness;
	guest->hypercalls.console = STDOUT_FILENO;
	if (guest->has_ring)
		error = make_ring(guest, &layout);
	if (error == 0)
		error = vcpu_prepare(&guest->vm, plan.entry, layout.size, !guest->executable_heap,
		                     reason);
	return error;
}

static no_return void fail_from_thread(const struct reason *reason)
{
	reason_print(reason, debug_program());
	_exit(1);
}

/* What the thread is told, while it starts. */
struct ring_start {
	struct net_ring *ring;
	sem_t started;
};

static void *serve_ring(void *argument)
{
	struct ring_start *start = argument;
	struct net_ring *ring = start->ring;
	struct reason reason = { .usage = false };

	sem_post(&start->started);
	error_ignore(net_ring_run(ring, &reason), "it returns with an error only");
	fail_from_thread(&reason);
}

/*
 * Signals are for the thread that runs the guest. A new thread makes system calls of the C library's
 * before its first line (rseq), which the filter does not allow for: it must be past them.
 */
static int start_ring_thread(struct guest *guest)
{
	struct ring_start start = { .ring = &guest->ring };
	pthread_t thread;
	sigset_t all, before;

	sem_init(&start.started, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&thread, NULL, serve_ring, &start);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	while (error == 0 && sem_wait(&start.started) != 0)
		continue; /* a signal */
	if (error != 0)
		return reason_set(&guest->launch.reason, -error, "Could not start a thread: %s",
		                  strerror(error));
	return 0;
}

int guest_confine(struct guest *guest)
{
	struct launch *launch = &guest->launch;
	int others[] = { guest->vm.processor, guest->has_ring ? guest->ring.event : -1 };
	int error = 0;

	if (debug_confines()) {
		launch_close_descriptors(launch, others, sizeof(others) / sizeof(others[0]));
		error = confine_capabilities(&launch->reason);
	}
	if (error == 0 && guest->has_ring)
		error = start_ring_thread(guest);
	if (error == 0 && debug_confines())
		error = confine_calls(launch, others[0], others[1]);
	return error;
}

static int run_until_halt(struct guest *guest)
{
	struct reason *reason = &guest->launch.reason;
	struct vcpu_call call;

	for (;;) {
		int stop = vcpu_run(&guest->vm, &call, reason);
		int status = stop;

		if (stop == VCPU_STOP_CALL)
			status = hypercall(&guest->hypercalls, call.port, call.value, reason);
		else if (stop >= 0)
			status = debug_stopped(&guest->debug, &guest->vm, (enum vcpu_stop)stop,
			                       reason);
		if (status != 0)
			return status;
	}
}

int guest_run(struct guest *guest)
{
	int status = run_until_halt(guest);

	if (status == HYPERCALL_HALTED && guest->has_ring) {
		int error = net_ring_drain(&guest->ring, &guest->launch.reason);
		if (error != 0)
			status = error;
	}
	debug_ended(&guest->debug, &guest->vm, &guest->hypercalls, status != HYPERCALL_HALTED);
	return status == HYPERCALL_HALTED ? guest->hypercalls.exit_status : status;
}
