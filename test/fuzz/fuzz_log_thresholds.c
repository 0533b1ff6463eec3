/* SPDX-License-Identifier: ISC */
/*
 * Fuzzing the list of --logs: checking it and applying it agree, a bad list sets nothing, and the
 * bad entry that is pointed at begins an entry of the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/log.h>
#include <mirage/runtime.h>
#include <mirage/virtual_target.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

LOG_SOURCE(log_block, "block");
LOG_SOURCE(log_colon, "net:eth0");

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* True if some source's threshold is not the initial one. */
static bool changed(struct runtime *runtime)
{
	const struct log_thresholds *thresholds = (const void *)runtime;

	for (size_t i = 0; i < log_source_count(); i++)
		if (thresholds->levels[i] != LOG_INFO)
			return true;
	return false;
}

static void thresholds_are_levels(struct runtime *runtime)
{
	const struct log_thresholds *thresholds = (const void *)runtime;

	for (size_t i = 0; i < log_source_count(); i++)
		require(thresholds->levels[i] <= LOG_DEBUG);
}

static void check(struct runtime *runtime, const struct virtual_target *virtual, const char *text)
{
	const char *bad_checked = NULL;
	const char *bad_applied = NULL;
	int checked = log_configure(NULL, text, &bad_checked);
	int applied = log_configure(runtime, text, &bad_applied);

	require(checked == applied && bad_checked == bad_applied);
	thresholds_are_levels(runtime);
	if (checked == 0)
		return;
	require(bad_checked >= text && bad_checked <= text + strlen(text));
	require(bad_checked == text || bad_checked[-1] == ',');
	require(!changed(runtime) && virtual->output_length == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtual_target virtual;
	struct runtime *runtime;
	char *text = malloc(size + 1);

	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	virtual_target_init(&virtual);
	require(runtime_new(&runtime, &virtual.target, NULL) == 0);
	check(runtime, &virtual, text);
	runtime_free(runtime);
	virtual_target_fini(&virtual);
	free(text);
	return 0;
}
