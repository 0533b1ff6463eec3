/* SPDX-License-Identifier: ISC */
/*
 * Seeding without a kernel, with sources that this test plays. Each case is a process of its own,
 * as an image is seeded once.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "targets/bare/entropy.h"

/* What the sources do. */
static bool (*hardware)(uint64_t *number);
static uint64_t (*duration)(uint64_t sample);
static uint64_t samples, counter, numbers;

bool entropy_hardware(uint64_t *number)
{
	return hardware(number);
}

unsigned int entropy_hardware_bits(void)
{
	return 32;
}

uint64_t entropy_counter(void)
{
	counter += duration(samples++);
	return counter;
}

static bool no_hardware(uint64_t *number)
{
	(void)number;
	return false;
}

static uint64_t mix(uint64_t number)
{
	number *= UINT64_C(0x9e3779b97f4a7c15);
	number ^= number >> 29;
	number *= UINT64_C(0xbf58476d1ce4e5b9);
	return number ^ number >> 32;
}

static bool good_hardware(uint64_t *number)
{
	*number = mix(++numbers);
	return true;
}

static bool stuck_hardware(uint64_t *number)
{
	*number = UINT64_MAX;
	return true;
}

static bool tired_hardware(uint64_t *number)
{
	*number = mix(++numbers);
	return numbers <= 7;
}

static uint64_t always_the_same(uint64_t sample)
{
	(void)sample;
	return 100;
}

static uint64_t stopped(uint64_t sample)
{
	(void)sample;
	return 0;
}

static uint64_t longer_and_longer(uint64_t sample)
{
	return 100 + 3 * sample;
}

static uint64_t to_and_fro(uint64_t sample)
{
	return sample % 2 == 0 ? 100 : 137;
}

static uint64_t period_of_seven(uint64_t sample)
{
	static const uint64_t durations[] = { 100, 104, 137, 101, 120, 119, 103 };

	return durations[sample % 7];
}

static uint64_t with_a_tick(uint64_t sample)
{
	return sample % 200 == 0 ? 500 : 90;
}

static uint64_t seldom_different(uint64_t sample)
{
	return mix(sample) % 4 == 0 ? 100 + mix(sample) % 64 : 90;
}

static uint64_t jittering(uint64_t sample)
{
	return 100 + mix(sample) % 16;
}

/* What the first calls return in a process whose sources are these. */
static int seed_with(bool (*source)(uint64_t *number), uint64_t (*time)(uint64_t sample))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		uint8_t bytes[32] = { 0 }, again[32] = { 0 };
		const uint8_t zeros[32] = { 0 };

		hardware = source;
		duration = time;
		int error = bare_entropy(NULL, bytes, sizeof(bytes));

		if (error != bare_entropy(NULL, again, sizeof(again)))
			_exit(99);
		if (error != 0)
			_exit(memcmp(bytes, zeros, 32) == 0 ? -error : 98);
		for (int i = 0; i < 1000; i++)
			if (bare_entropy(NULL, again, sizeof(again)) != 0)
				_exit(97);
		_exit(memcmp(bytes, zeros, 32) != 0 && memcmp(bytes, again, 32) != 0 ? 0 : 96);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void hardware_is_enough(void **state)
{
	(void)state;
	assert_int_equal(seed_with(good_hardware, always_the_same), 0);
	assert_int_equal(seed_with(good_hardware, stopped), 0);
}

static void jitter_is_enough(void **state)
{
	(void)state;
	assert_int_equal(seed_with(no_hardware, jittering), 0);
	assert_int_equal(seed_with(no_hardware, seldom_different), 0);
	assert_int_equal(seed_with(stuck_hardware, jittering), 0);
}

static void some_of_each_adds_up(void **state)
{
	(void)state;
	assert_int_equal(seed_with(tired_hardware, jittering), 0);
	assert_int_equal(seed_with(tired_hardware, always_the_same), -EIO);
}

static void hardware_that_repeats_itself_is_no_source(void **state)
{
	(void)state;
	assert_int_equal(seed_with(stuck_hardware, always_the_same), -EIO);
}

static void time_that_can_be_guessed_is_no_source(void **state)
{
	(void)state;
	assert_int_equal(seed_with(no_hardware, stopped), -EIO);
	assert_int_equal(seed_with(no_hardware, always_the_same), -EIO);
	assert_int_equal(seed_with(no_hardware, longer_and_longer), -EIO);
	assert_int_equal(seed_with(no_hardware, to_and_fro), -EIO);
	assert_int_equal(seed_with(no_hardware, period_of_seven), -EIO);
	assert_int_equal(seed_with(no_hardware, with_a_tick), -EIO);
}

static void what_a_driver_mixes_in_counts(void **state)
{
	uint8_t bytes[32];
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		hardware = no_hardware;
		duration = stopped;
		bare_entropy_mix("thirty-two bytes of a device, or so", 32, 256);
		_exit(bare_entropy(NULL, bytes, sizeof(bytes)) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hardware_is_enough),
		cmocka_unit_test(jitter_is_enough),
		cmocka_unit_test(some_of_each_adds_up),
		cmocka_unit_test(hardware_that_repeats_itself_is_no_source),
		cmocka_unit_test(time_that_can_be_guessed_is_no_source),
		cmocka_unit_test(what_a_driver_mixes_in_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
