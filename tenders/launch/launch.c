/* SPDX-License-Identifier: ISC */
#include "tenders/launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tenders/elf/note.h"

void launch_init(struct launch *launch, const struct tender *tender)
{
	memset(launch, 0, sizeof(*launch));
	launch->tender = tender;
	launch->core.memory_mib = CORE_MEMORY_MIB_DEFAULT;
	launch->block.manifest = &launch->manifest;
	launch->net.manifest = &launch->manifest;
	launch->executable.descriptor = -1;
}

int launch_fail(const struct launch *launch)
{
	reason_print(&launch->reason, launch->tender->program);
	return 1;
}

/* A file that is opened next must not become standard output, where the image writes. */
static int fill_standard_descriptors(struct reason *reason)
{
	for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
		if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", O_RDWR) != descriptor)
			return reason_set(reason, -EBADF, "Descriptor %d is closed: %s", descriptor,
			                  strerror(errno));
	}
	return 0;
}

static int open_image(struct launch *launch, const char *path)
{
	struct reason *reason = &launch->reason;

	int error = executable_open(&launch->executable, path, EXECUTABLE_THIS_MACHINE, reason);
	if (error == 0)
		error = note_check_abi(&launch->executable, launch->tender->abi_target,
		                       launch->tender->abi_version, launch->tender->program,
		                       reason);
	if (error == 0)
		error = manifest_read(&launch->manifest, &launch->executable, reason);
	return error;
}

static int attach_devices(struct launch *launch)
{
	struct reason *reason = &launch->reason;

	int error = net_attach(&launch->net, reason);
	if (error == 0)
		error = block_attach(&launch->block, reason);
	if (error == 0)
		error = manifest_check_attached(&launch->manifest, reason);
	if (error == 0)
		error = readiness_open(&launch->readiness, &launch->manifest, reason);
	return error;
}

int launch_prepare(struct launch *launch, const struct option_module *modules, size_t module_count,
                   int argc, char *const *argv)
{
	struct reason *reason = &launch->reason;
	struct options_line line;

	options_split(&line, argc, (const char *const *)argv);
	if (line.help) {
		options_print_usage(launch->tender->program, modules, module_count);
		return 1;
	}
	if (line.version) {
		report_version(launch->tender->program, launch->tender->abi_version);
		return 0;
	}

	int error = fill_standard_descriptors(reason);
	if (error == 0 && line.image == NULL) {
		error = reason_set(reason, -EINVAL, "Missing KERNEL operand");
		reason->usage = true;
	}
	if (error == 0)
		error = open_image(launch, line.image);
	if (error == 0)
		error = options_apply(&line, modules, module_count, reason);
	if (error == 0)
		error = options_join(&line, launch->command_line, reason);
	if (error == 0)
		error = attach_devices(launch);
	if (error == 0)
		return LAUNCH_GO;

	int status = launch_fail(launch);
	if (reason->usage)
		options_print_usage(launch->tender->program, modules, module_count);
	return status;
}
